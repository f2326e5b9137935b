/** The whole product on one machine: files in, real Envoys enforce them, real clients and upstreams look at both ends. Runs once for each supported version of Envoy. */
@NullMarked
package dev.sallyport.e2e;

import org.jspecify.annotations.NullMarked;
