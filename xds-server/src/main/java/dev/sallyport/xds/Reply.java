package dev.sallyport.xds;

/**
 * What came of a response.
 *
 * @param acknowledged false: rejected
 * @param sentAt when the response was sent, in nanoseconds of the stream's ticker
 */
record Reply(boolean acknowledged, long sentAt) {}
