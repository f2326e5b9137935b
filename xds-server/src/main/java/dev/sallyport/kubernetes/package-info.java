/** What the identity of workloads asks of a Kubernetes API server. */
@NullMarked
package dev.sallyport.kubernetes;

import org.jspecify.annotations.NullMarked;
