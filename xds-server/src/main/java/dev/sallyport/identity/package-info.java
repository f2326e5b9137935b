/** Who is at the other end of a stream: tokens and how they are verified. */
@NullMarked
package dev.sallyport.identity;

import org.jspecify.annotations.NullMarked;
