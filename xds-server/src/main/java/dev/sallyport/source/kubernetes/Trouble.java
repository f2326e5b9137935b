package dev.sallyport.source.kubernetes;

/**
 * Why a watch does not know what there is now.
 *
 * @param line for people; the same as long as the cause is
 * @param forbidden whether the rights are missing: what was read before must not be used any more. Else it is the best there is
 */
record Trouble(String line, boolean forbidden) {}
