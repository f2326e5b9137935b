/** What becomes of a workload's Pod when it is made: behind its sidecar, or refused. Pure: a Pod goes in, a patch or refusals come out. */
@NullMarked
package dev.sallyport.inject;

import org.jspecify.annotations.NullMarked;
