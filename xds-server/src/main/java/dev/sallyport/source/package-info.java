/** The port through which policies, Secrets and ConfigMaps come in. */
@NullMarked
package dev.sallyport.source;

import org.jspecify.annotations.NullMarked;
