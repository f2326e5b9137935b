/** Everything a sidecar starts with: bootstrap configuration, arguments, ports, packet rules, and the Envoy binary itself. */
@NullMarked
package dev.sallyport.bootstrap;

import org.jspecify.annotations.NullMarked;
