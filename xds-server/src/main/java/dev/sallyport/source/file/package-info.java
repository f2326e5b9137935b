/** Files as a source: manifests, Secret and ConfigMap directories, watched. */
@NullMarked
package dev.sallyport.source.file;

import org.jspecify.annotations.NullMarked;
