package dev.sallyport.policy;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The durations that a field takes, written as Go and Kubernetes write them: {@code 0s}, {@code 100ms}, {@code 1h30m}, {@code 1.5s}; no sign, always a unit. Whole milliseconds, because
 * nothing smaller reaches Envoy.
 *
 * @param min the smallest one
 * @param max the greatest one
 * @param text of the range, for messages
 */
record DurationRange(Duration min, Duration max, String text) {
    private static final int LONGEST = 32;
    private static final Pattern PART = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(ns|us|µs|ms|s|m|h)");
    private static final Pattern WHOLE = Pattern.compile("(?:" + PART + ")+");
    private static final Map<String, BigDecimal> NANOS = Map.of(
            "ns", BigDecimal.ONE,
            "us", BigDecimal.valueOf(1_000),
            "µs", BigDecimal.valueOf(1_000),
            "ms", BigDecimal.valueOf(1_000_000),
            "s", BigDecimal.valueOf(1_000_000_000L),
            "m", BigDecimal.valueOf(60_000_000_000L),
            "h", BigDecimal.valueOf(3_600_000_000_000L));
    private static final BigDecimal NANOS_PER_MILLI = BigDecimal.valueOf(1_000_000);

    /** The duration that {@code text} says; empty when it says none of this range. */
    Optional<Duration> parse(String text) {
        if (text.length() > LONGEST || !WHOLE.matcher(text).matches()) {
            return Optional.empty();
        }
        return wholeMillis(nanos(text)).filter(value -> value.compareTo(min) >= 0 && value.compareTo(max) <= 0);
    }

    private static BigDecimal nanos(String text) {
        BigDecimal nanos = BigDecimal.ZERO;
        for (Matcher part = PART.matcher(text); part.find(); ) {
            BigDecimal unit = NANOS.getOrDefault(part.group(2), BigDecimal.ONE);
            nanos = nanos.add(new BigDecimal(part.group(1)).multiply(unit));
        }
        return nanos;
    }

    private Optional<Duration> wholeMillis(BigDecimal nanos) {
        BigDecimal[] millis = nanos.divideAndRemainder(NANOS_PER_MILLI);
        boolean whole = millis[1].signum() == 0 && millis[0].compareTo(BigDecimal.valueOf(max.toMillis())) <= 0;
        return whole ? Optional.of(Duration.ofMillis(millis[0].longValue())) : Optional.empty();
    }

    @Override
    public String toString() {
        return "a duration " + text;
    }
}
