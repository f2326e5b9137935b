/** Credential values, which cannot be printed, and what looks them up. */
@NullMarked
package dev.sallyport.credential;

import org.jspecify.annotations.NullMarked;
