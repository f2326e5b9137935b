package dev.sallyport.policy;

import java.util.Set;
import java.util.regex.Pattern;

/** Guesses whether a literal {@code value} is a secret that should stand in a Secret. Wrong guesses cost a warning. */
final class LikelySecret {
    private static final Set<String> HEADERS = Set.of("authorization", "cookie");
    private static final Pattern HEADER_WORDS =
            Pattern.compile("(.*[-_])?(key|apikey|token|secret|password|passwd|auth|credential|credentials|signature)");
    private static final Pattern KNOWN_PREFIX = Pattern.compile(
            "(?i)(sk-|pk-|rk_|sk_|gh[pousr]_|github_pat_|glpat-|xox[abpors]-|akia|asia|aiza|ya29\\.|eyj|npm_|pypi-|hf_|dop_v1_|shpat_|bearer |basic |-----begin).*",
            Pattern.DOTALL);
    private static final Pattern DENSE = Pattern.compile("(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9+/=_~.-]{24,}");

    private LikelySecret() {}

    /** @param header in lower case */
    static boolean is(String header, String value) {
        return HEADERS.contains(header)
                || HEADER_WORDS.matcher(header).matches()
                || KNOWN_PREFIX.matcher(value).matches()
                || DENSE.matcher(value).matches();
    }
}
