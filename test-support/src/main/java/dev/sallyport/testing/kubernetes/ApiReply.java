package dev.sallyport.testing.kubernetes;

/**
 * What the API server answered.
 *
 * @param body as sent, JSON as a rule
 * @param warnings of the headers, one after the other; empty: none
 */
public record ApiReply(int status, String body, String warnings) {}
