/** The admission webhook for Pods: HTTPS, and AdmissionReview in and out. What becomes of a Pod is decided in {@code inject}. */
@NullMarked
package dev.sallyport.webhook;

import org.jspecify.annotations.NullMarked;
