/** Workload CAs derived from the root seed, leaf certificates, trust bundles. The clock is injected. */
@NullMarked
package dev.sallyport.pki;

import org.jspecify.annotations.NullMarked;
