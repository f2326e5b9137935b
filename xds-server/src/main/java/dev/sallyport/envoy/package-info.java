/** Pure translation of a workload into Envoy resources, one file per listener, filter or cluster. */
@NullMarked
package dev.sallyport.envoy;

import org.jspecify.annotations.NullMarked;
