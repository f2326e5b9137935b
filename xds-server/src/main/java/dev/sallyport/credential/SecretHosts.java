package dev.sallyport.credential;

import dev.sallyport.policy.Hosts;
import dev.sallyport.policy.yaml.Excerpt;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * To which hosts the values of a Secret may go, as its owner says in an annotation: a policy is written by somebody else, at times. Without the annotation, to any host that a policy of the namespace names; with one that is
 * malformed, to none. Immutable; equality is by content.
 */
public final class SecretHosts {
    /** A list of exact host names with commas between them. */
    public static final String ANNOTATION = "sallyport.dev/hosts";

    /** No restriction. */
    public static final SecretHosts ANY = new SecretHosts(new TreeSet<>(), "");

    private static final String EXPECTED =
            "expected exact host names with commas between them, such as api.example.com,b.example.com";
    private static final int MOST = 1_000;

    private final SortedSet<String> hosts;
    private final String malformed;

    /** {@code malformed}: why; empty: it is not. */
    private SecretHosts(SortedSet<String> hosts, String malformed) {
        this.hosts = Collections.unmodifiableSortedSet(hosts);
        this.malformed = malformed;
    }

    /** What the annotation of this text says. */
    public static SecretHosts parse(String annotation) {
        SortedSet<String> hosts = new TreeSet<>();
        for (String name : annotation.split(",", MOST + 2)) {
            if (Hosts.normalise(name) instanceof Hosts.Normalised.Accepted accepted
                    && accepted.pattern().isExact()) {
                hosts.add(accepted.pattern().text());
            } else {
                return malformed("found " + Excerpt.quoted(name.strip()) + ", " + EXPECTED);
            }
        }
        return hosts.size() > MOST ? malformed("found more than " + MOST + " names") : new SecretHosts(hosts, "");
    }

    /** That nobody can tell what is meant; {@code why} says what was found and expected. */
    public static SecretHosts malformed(String why) {
        return new SecretHosts(new TreeSet<>(), why);
    }

    /** What is wrong with the annotation; empty: nothing. */
    public Optional<String> problem() {
        return Optional.of(malformed).filter(why -> !why.isEmpty());
    }

    /** Why the values must not go to {@code host}, a normalised name; empty: they may. Of the Secret nothing but this annotation is told. */
    Optional<String> refusal(String host) {
        if (!malformed.isEmpty()) {
            return Optional.of(
                    "may go to no host, because its annotation " + ANNOTATION + " is malformed: " + malformed);
        }
        return hosts.isEmpty() || hosts.contains(host)
                ? Optional.empty()
                : Optional.of("must not go to " + host + ": its annotation " + ANNOTATION + " allows only "
                        + Excerpt.of(String.join(", ", hosts)));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SecretHosts that && hosts.equals(that.hosts) && malformed.equals(that.malformed);
    }

    @Override
    public int hashCode() {
        return hosts.hashCode();
    }

    @Override
    public String toString() {
        return malformed.isEmpty() ? "hosts " + hosts : "no host: " + malformed;
    }
}
