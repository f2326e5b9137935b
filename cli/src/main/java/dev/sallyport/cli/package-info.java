/** The command line: picocli commands and the composition roots that know every part. */
@NullMarked
package dev.sallyport.cli;

import org.jspecify.annotations.NullMarked;
