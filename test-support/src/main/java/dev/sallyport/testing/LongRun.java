package dev.sallyport.testing;

/** Suites have a short form for every run, and full numbers for {@code ./test --long}. */
public final class LongRun {
    private static final boolean LONG = Boolean.getBoolean("sallyport.long");

    /**
     * The number of the form that runs; says in the output of the build which one that is.
     *
     * @param what what there are so many of, for people
     */
    public static int of(String what, int normal, int full) {
        int number = LONG ? full : normal;
        System.out.println((LONG ? "long run: " : "short form: ") + number + " " + what);
        return number;
    }

    private LongRun() {}
}
