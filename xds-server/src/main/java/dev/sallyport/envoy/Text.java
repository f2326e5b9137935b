package dev.sallyport.envoy;

import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;

/** String matchers. */
final class Text {
    static StringMatcher.Builder exactly(String text) {
        return StringMatcher.newBuilder().setExact(text);
    }

    static StringMatcher.Builder exactlyInAnyCase(String text) {
        return StringMatcher.newBuilder().setExact(text).setIgnoreCase(true);
    }

    static StringMatcher.Builder startsWith(String text) {
        return StringMatcher.newBuilder().setPrefix(text);
    }

    static StringMatcher.Builder endsWith(String text) {
        return StringMatcher.newBuilder().setSuffix(text);
    }

    /** The whole text matches an RE2 expression. */
    static StringMatcher.Builder matches(String regex) {
        return StringMatcher.newBuilder().setSafeRegex(RegexMatcher.newBuilder().setRegex(regex));
    }

    static HeaderMatcher.Builder inHeader(String name, StringMatcher.Builder text) {
        return HeaderMatcher.newBuilder().setName(name).setStringMatch(text);
    }

    private Text() {}
}
