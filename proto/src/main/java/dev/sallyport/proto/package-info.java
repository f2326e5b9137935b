/** Envoy messages beyond the published API, and YAML for all of them. */
@NullMarked
package dev.sallyport.proto;

import org.jspecify.annotations.NullMarked;
