/** Values of the cluster that Sallyport is installed in, which neither it nor a policy can know. */
@NullMarked
package dev.sallyport.settings;

import org.jspecify.annotations.NullMarked;
