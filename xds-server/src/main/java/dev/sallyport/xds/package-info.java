/** The xDS server: streams, acknowledgement tracking, limits, authentication. */
@NullMarked
package dev.sallyport.xds;

import org.jspecify.annotations.NullMarked;
