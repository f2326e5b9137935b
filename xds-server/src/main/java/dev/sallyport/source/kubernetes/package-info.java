/** Policies, Secrets, ConfigMaps and Pods as a Kubernetes API server tells of them. {@link dev.sallyport.source.kubernetes.SourceThread} runs everything here, one thing at a time. */
@NullMarked
package dev.sallyport.source.kubernetes;

import org.jspecify.annotations.NullMarked;
