/** Builds the container image: a Java runtime, what it needs of a system, the application, and its class data, without a daemon and without a base image. */
@NullMarked
package dev.sallyport.image;

import org.jspecify.annotations.NullMarked;
