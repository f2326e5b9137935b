/** What a run makes on the machine (directories, namespaces, a network, packet rules) and how all of it goes away again. Linux. */
@NullMarked
package dev.sallyport.cli.machine;

import org.jspecify.annotations.NullMarked;
