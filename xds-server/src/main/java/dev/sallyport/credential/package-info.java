/** Credential values, which cannot be printed, and the stores that look them up. */
@NullMarked
package dev.sallyport.credential;

import org.jspecify.annotations.NullMarked;
