package dev.sallyport.source.kubernetes;

import static dev.sallyport.source.kubernetes.FakeObjectServer.bookmark;
import static dev.sallyport.source.kubernetes.FakeObjectServer.failure;
import static dev.sallyport.source.kubernetes.FakeObjectServer.gone;
import static dev.sallyport.source.kubernetes.FakeObjectServer.object;
import static dev.sallyport.source.kubernetes.FakeObjectServer.page;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.policy.ObjectName;
import dev.sallyport.source.kubernetes.ObjectServer.Page;
import dev.sallyport.source.kubernetes.ObjectServer.PageRequest;
import dev.sallyport.testing.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The orders of answers that a real API server cannot be made to produce. */
class ObjectWatchTest {
    private static final WatchSettings SETTINGS = new WatchSettings(
            WatchSettings.DEFAULT.watch(),
            WatchSettings.DEFAULT.grace(),
            WatchSettings.DEFAULT.list(),
            WatchSettings.DEFAULT.patience(),
            new Backoff(Duration.ofMillis(250), Duration.ofSeconds(10), () -> 1),
            new Backoff(Duration.ofSeconds(2), Duration.ofMinutes(1), () -> 1));
    private static final Duration BLINK = Duration.ofSeconds(1);

    private final FakeLoop loop = new FakeLoop();
    private final FakeObjectServer server = new FakeObjectServer();
    private final SourceHealth health = new SourceHealth(TestClock.at("2026-01-01T00:00:00Z"));
    private final List<String> told = new ArrayList<>();
    private Function<JsonNode, Optional<String>> reduce =
            object -> Optional.of(object.path("value").asText()).filter(value -> !value.isEmpty());
    private final ObjectWatch<String> watch = new ObjectWatch<>(
            ObjectQuery.core("secrets", "ns"),
            new ObjectWatch.Services(server, loop, SETTINGS, health),
            object -> reduce.apply(object),
            new Recorder());

    private final class Recorder implements ObjectListener<String> {
        @Override
        public void added(ObjectName name, String object) {
            told.add("+" + name.name() + "=" + object);
        }

        @Override
        public void changed(ObjectName name, String before, String after) {
            told.add("~" + name.name() + "=" + after);
        }

        @Override
        public void removed(ObjectName name, String object) {
            told.add("-" + name.name());
        }

        @Override
        public void synced() {
            told.add("synced");
        }

        @Override
        public void trouble(Optional<Trouble> trouble) {
            told.add(trouble.map(Trouble::line).orElse("well"));
        }
    }

    private List<String> told() {
        List<String> copy = List.copyOf(told);
        told.clear();
        return copy;
    }

    /** Synced at version 10 with {@code a=1}. */
    private void start() {
        server.answer = request -> page("10", object("a", "u", "7", "1"));
        watch.start();
        loop.run();
        assertThat(told()).containsExactly("+a=1", "synced");
    }

    private void tell(String type, JsonNode object) {
        server.watching().tell(type, object);
        loop.run();
    }

    @Test
    void readsAllPagesThenWatchesFromTheirVersion() {
        server.answer = request -> request.continuation().isEmpty()
                ? new Page(new ResourceVersion("10"), "next", List.of(object("a", "u", "7", "1")))
                : page("10", object("b", "v", "8", "2"));
        watch.start();
        loop.run();
        assertThat(told()).containsExactly("+a=1", "+b=2", "synced");
        assertThat(server.lists).containsExactly(PageRequest.FIRST, PageRequest.after("next"));
        assertThat(server.watching().from).hasToString("10");
        assertThat(server.watching().timeout).hasSeconds(25);
        tell("MODIFIED", object("a", "u", "11", "3"));
        tell("DELETED", object("b", "v", "12", "2"));
        assertThat(told()).containsExactly("~a=3", "-b");
    }

    @Test
    void tellsNothingWhenWhatIsKeptDidNotChange() {
        start();
        tell("MODIFIED", object("a", "u", "11", "1"));
        tell("BOOKMARK", bookmark("20"));
        tell("ADDED", object("b", "v", "21", ""));
        assertThat(told()).isEmpty();
        assertThat(watch.held().size()).isEqualTo(1);
        tell("MODIFIED", object("a", "u", "22", ""));
        assertThat(told()).containsExactly("-a");
    }

    @Test
    void anObjectThatReplacedAnotherOfItsNameIsNotTheSame() {
        start();
        tell("MODIFIED", object("a", "other", "11", "1"));
        assertThat(told()).containsExactly("-a", "+a=1");
    }

    @Test
    @DisplayName("FAULT-04 410 is answered by a new list, by an event or a status")
    void listsAgainWhenTheVersionIsGone() {
        start();
        server.answer = request -> page("30", object("b", "v", "29", "2"));
        tell("ERROR", gone());
        assertThat(server.watches.get(0).cancelled).isTrue();
        loop.advance(BLINK);
        assertThat(told()).containsExactly("-a", "+b=2", "synced");
        assertThat(server.watching().from).hasToString("30");
        server.answer = request -> page("40");
        server.watching().sink.failed(failure(410));
        loop.advance(BLINK);
        assertThat(told()).containsExactly("-b", "synced");
    }

    @Test
    @DisplayName("FAULT-04 a list of an older version is never accepted, and asked for again with back-off")
    void neverTakesAnOlderList() {
        start();
        tell("MODIFIED", object("a", "u", "100", "new"));
        told();
        server.answer = request -> page("99", object("a", "u", "7", "1"));
        tell("ERROR", gone());
        int before = server.lists.size();
        loop.advance(Duration.ofMinutes(5));
        assertThat(server.lists.size() - before).isBetween(25, 45);
        assertThat(told())
                .containsExactly(
                        "cannot list secrets in namespace ns: the list is of version 99, older than 100, which was seen already; what was read last stays in force");
        assertThat(watch.held().find(new ObjectName("ns", "a"))).contains("new");
        server.answer = request -> page("101", object("a", "u", "100", "new"), object("b", "v", "101", "2"));
        loop.advance(Duration.ofSeconds(11));
        assertThat(told()).containsExactly("+b=2", "well", "synced");
    }

    @Test
    @DisplayName("FAULT-04 a newer list with an older state of one object is never accepted")
    void neverTakesAnOlderObjectOfANewerList() {
        start();
        server.answer = request -> page("50", object("a", "u", "6", "0"));
        tell("ERROR", gone());
        loop.advance(BLINK);
        assertThat(told()).isEmpty();
        // The same name, but another object: its versions begin anew.
        server.answer = request -> page("50", object("a", "other", "6", "0"));
        loop.advance(BLINK);
        assertThat(told()).containsExactly("-a", "+a=0", "synced");
    }

    @ParameterizedTest
    @ValueSource(strings = {"MODIFIED", "DELETED", "BOOKMARK"})
    @DisplayName("FAULT-04 an event of an older version is never accepted: everything is listed anew")
    void neverTakesAnOlderEvent(String type) {
        start();
        tell("MODIFIED", object("b", "v", "20", "2"));
        told();
        server.answer = request -> page("21", object("a", "u", "7", "1"), object("b", "v", "20", "2"));
        tell(type, object("a", "u", "15", "old"));
        assertThat(told()).isEmpty();
        assertThat(server.watches.get(0).cancelled).isTrue();
        assertThat(server.lists).hasSize(1);
        loop.advance(BLINK);
        assertThat(told()).containsExactly("synced");
        assertThat(server.watching().from).hasToString("21");
    }

    @Test
    void takesTheSameEventTwiceForOne() {
        start();
        tell("MODIFIED", object("a", "u", "11", "2"));
        tell("MODIFIED", object("a", "u", "11", "2"));
        assertThat(told()).containsExactly("~a=2");
        assertThat(server.lists).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 503, 0})
    @DisplayName("FAULT-04 429 and 5xx for minutes: back-off, what was read stays, and no event is lost")
    void survivesMinutesOfRefusals(int code) {
        start();
        server.watchFailure = failure(code);
        server.answer = request -> {
            throw failure(code);
        };
        server.watching().sink.failed(failure(code));
        int before = server.requests();
        loop.advance(Duration.ofMinutes(10));
        assertThat(server.requests() - before).isBetween(60, 75);
        assertThat(told())
                .containsExactly(
                        "cannot watch secrets in namespace ns: status " + code + "; what was read last stays in force");
        server.watchFailure = null;
        loop.advance(Duration.ofSeconds(11));
        // From where it knew everything: what happened meanwhile is told by the server.
        assertThat(server.watching().from).hasToString("10");
        assertThat(server.lists).hasSize(1);
        tell("MODIFIED", object("a", "u", "11", "2"));
        assertThat(told()).containsExactly("~a=2", "well");
    }

    @Test
    void waitsAsLongAsTheServerAsksUpToTheCap() {
        server.answer = request -> {
            throw new ApiFailure(429, "too many requests", Duration.ofSeconds(4));
        };
        watch.start();
        loop.run();
        loop.advance(Duration.ofMillis(3_999));
        assertThat(server.lists).hasSize(1);
        loop.advance(Duration.ofMillis(1));
        assertThat(server.lists).hasSize(2);
        server.answer = request -> {
            throw new ApiFailure(429, "too many requests", Duration.ofHours(4));
        };
        loop.advance(Duration.ofSeconds(15));
        assertThat(server.lists).hasSize(4);
    }

    @Test
    @DisplayName("FAULT-04 a watch that hangs is found within 30 s, and everything is listed anew")
    void findsAFrozenWatch() {
        start();
        loop.advance(Duration.ofMillis(27_999));
        assertThat(server.watches.get(0).cancelled).isFalse();
        server.answer = request -> page("12", object("a", "u", "12", "2"));
        loop.advance(BLINK);
        assertThat(server.watches.get(0).cancelled).isTrue();
        assertThat(told()).containsExactly("~a=2", "synced");
        // Whatever comes of the one that was given up is of the past.
        server.watches.get(0).tell("DELETED", object("a", "u", "13", "2"));
        loop.run();
        assertThat(told()).isEmpty();
    }

    @Test
    void findsAListThatIsNotAnswered() {
        server.answer = request -> null;
        watch.start();
        loop.advance(Duration.ofSeconds(14));
        assertThat(server.lists).hasSize(1);
        server.answer = request -> page("1");
        loop.advance(Duration.ofSeconds(2));
        assertThat(told())
                .containsExactly("cannot list secrets in namespace ns: no answer within 15 s", "well", "synced");
    }

    @Test
    void watchesOnFromTheNewestBookmark() {
        start();
        tell("BOOKMARK", bookmark("77"));
        loop.advance(Duration.ofSeconds(25));
        server.watching().sink.ended();
        loop.run();
        assertThat(server.watches).hasSize(2);
        assertThat(server.watching().from).hasToString("77");
        assertThat(server.lists).hasSize(1);
        assertThat(told()).isEmpty();
    }

    @Test
    void doesNotSpinWhenWatchesEndAtOnce() {
        start();
        for (int i = 0; i < 600; i++) {
            server.watching().sink.ended();
            loop.advance(Duration.ofMillis(100));
        }
        assertThat(server.watches.size()).isLessThan(20);
    }

    @Test
    @DisplayName("FAULT-04 a server that answers 410 to what it has just listed is not asked in a hurry")
    void doesNotSpinWhenEveryVersionIsGone() {
        start();
        server.watchFailure = failure(410);
        tell("ERROR", gone());
        loop.advance(Duration.ofMinutes(5));
        assertThat(server.lists.size()).isLessThan(45);
    }

    @Test
    void missingRightsAreToldAtOnceAndTriedSlowly() {
        server.answer = request -> {
            throw failure(403);
        };
        watch.start();
        loop.run();
        assertThat(told()).containsExactly("cannot list secrets in namespace ns: status 403");
        assertThat(watch.trouble()).map(Trouble::forbidden).contains(true);
        assertThat(health.ages()).isEmpty();
        loop.advance(Duration.ofMinutes(10));
        assertThat(server.lists.size()).isBetween(12, 16);
        assertThat(told()).isEmpty();
        server.answer = request -> page("10", object("a", "u", "7", "1"));
        loop.advance(Duration.ofMinutes(1));
        assertThat(told()).startsWith("+a=1", "well", "synced");
        assertThat(health.ages()).hasSize(1);
    }

    @Test
    void rightsThatAreTakenAwayCountAfterAWhile() {
        start();
        server.watchFailure = failure(403);
        server.watching().sink.failed(failure(403));
        loop.advance(Duration.ofSeconds(29));
        assertThat(told()).isEmpty();
        loop.advance(Duration.ofSeconds(11));
        assertThat(told()).containsExactly("cannot watch secrets in namespace ns: status 403");
        // No answer is no permission.
        server.watchFailure = failure(503);
        loop.advance(Duration.ofMinutes(5));
        assertThat(watch.trouble()).map(Trouble::forbidden).contains(true);
        assertThat(told()).isEmpty();
    }

    @Test
    void doesNotTakeNumbersForVersionsThatAreNone() {
        start();
        for (String version : List.of("", "x", "-1", "1e9", "012")) {
            server.answer = request -> page("10", object("a", "u", "7", "1"));
            tell("MODIFIED", object("a", "u", version, "bad"));
            loop.advance(Duration.ofSeconds(11));
        }
        assertThat(told()).noneMatch(line -> line.contains("bad"));
        assertThat(new ResourceVersion("9").isBefore(new ResourceVersion("10"))).isTrue();
    }

    @Test
    void isStaleWhenItHearsNothing() {
        TestClock clock = TestClock.at("2026-01-01T00:00:00Z");
        SourceHealth own = new SourceHealth(clock);
        ObjectWatch<String> other = new ObjectWatch<>(
                ObjectQuery.core("secrets", "ns"),
                new ObjectWatch.Services(server, loop, SETTINGS, own),
                reduce,
                new Recorder());
        other.start();
        loop.run();
        clock.advance(Duration.ofSeconds(31));
        assertThat(own.stale()).containsExactly(new SourceHealth.Watched("secrets", "ns"));
        tell("BOOKMARK", bookmark("5"));
        assertThat(own.stale()).isEmpty();
        assertThat(own.ages()).containsEntry(new SourceHealth.Watched("secrets", "ns"), Duration.ZERO);
        other.close();
        assertThat(own.ages()).isEmpty();
    }

    @Test
    void fetchesWhatWasNotKept() {
        reduce = object -> Optional.empty();
        server.answer = request -> page("10", object("a", "u", "7", "1"));
        watch.start();
        loop.run();
        assertThat(told()).containsExactly("synced");
        reduce = object -> Optional.of(object.path("value").asText());
        server.answer = request -> page("15", object("a", "u", "12", "2"));
        watch.fetch("a");
        assertThat(watch.isFetching("a")).isTrue();
        loop.run();
        assertThat(server.lists).last().isEqualTo(PageRequest.only("a"));
        assertThat(told()).containsExactly("+a=2", "synced");
        assertThat(watch.isFetching("a")).isFalse();
        // What the watch still has to tell of the time before is known.
        tell("MODIFIED", object("a", "u", "11", "1"));
        tell("DELETED", object("a", "u", "16", "2"));
        assertThat(told()).containsExactly("-a");
        assertThat(server.lists).hasSize(2);
    }

    @Test
    void anAnswerToAFetchThatIsTooOldIsAskedForAgain() {
        start();
        server.answer = request -> page("9", object("b", "v", "6", "old"));
        watch.fetch("b");
        loop.run();
        assertThat(told()).isEmpty();
        assertThat(watch.isFetching("b")).isTrue();
        server.answer = request -> page("10", object("b", "v", "9", "new"));
        loop.advance(BLINK);
        assertThat(told()).containsExactly("+b=new", "synced");
    }

    @Test
    void anEventIsNewerThanAnAnswerThatWasUnderWay() {
        start();
        server.answer = request -> page("10", object("b", "v", "9", "old"));
        watch.fetch("b");
        // Before the loop comes to the answer.
        server.watching().tell("DELETED", object("b", "v", "11", "old"));
        loop.run();
        assertThat(watch.held().find(new ObjectName("ns", "b"))).isEmpty();
        assertThat(watch.isFetching("b")).isFalse();
    }

    @Test
    void nothingHappensAfterTheEnd() {
        start();
        watch.close();
        assertThat(server.watching().cancelled).isTrue();
        tell("DELETED", object("a", "u", "11", "1"));
        loop.advance(Duration.ofMinutes(5));
        assertThat(told()).isEmpty();
        assertThat(server.requests()).isEqualTo(2);
    }
}
