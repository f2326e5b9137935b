/** The control loop, per-workload resources and their versions, and subscriptions to them. */
@NullMarked
package dev.sallyport.snapshot;

import org.jspecify.annotations.NullMarked;
