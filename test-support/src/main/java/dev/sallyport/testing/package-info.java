/** The real parts that tests run against: Envoy, a network of its own, DNS, certificates, upstreams and raw clients. */
@NullMarked
package dev.sallyport.testing;

import org.jspecify.annotations.NullMarked;
