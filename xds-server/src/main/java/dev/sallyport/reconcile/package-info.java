/** What Kubernetes objects should be there for the policies in force, and what brings them there. */
@NullMarked
package dev.sallyport.reconcile;

import org.jspecify.annotations.NullMarked;
