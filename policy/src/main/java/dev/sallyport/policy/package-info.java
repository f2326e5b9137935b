/** The policy language: documents, strict parsing with positions, normalisation, and the compiler. Imports no other package of the product. */
@NullMarked
package dev.sallyport.policy;

import org.jspecify.annotations.NullMarked;
