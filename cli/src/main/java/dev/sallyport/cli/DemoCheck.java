package dev.sallyport.cli;

/**
 * One line of the demo.
 *
 * @param request what an app did
 * @param expected the verdict that it should get
 * @param actual the verdict that it got
 */
record DemoCheck(String request, String expected, String actual) {
    boolean isAsExpected() {
        return expected.equals(actual);
    }
}
