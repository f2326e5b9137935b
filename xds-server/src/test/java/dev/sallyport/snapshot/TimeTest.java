package dev.sallyport.snapshot;

import static dev.sallyport.snapshot.Loop.DRAIN;
import static dev.sallyport.snapshot.Loop.P;
import static dev.sallyport.snapshot.Loop.START;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What changes because time passes, or because a clock is wrong. */
class TimeTest {
    private static final Duration SLOT = Duration.ofHours(16);

    private final Loop loop = new Loop();

    @Test
    @DisplayName("CERT-12 nothing is issued before a sidecar needs the bytes of a leaf, and then once")
    void issuesOnFirstNeedAndOnce() {
        loop.source.policy("p", "hosts: [{host: a.example.com}, {host: b.example.com}]");
        loop.apply();
        String version = leaf().version();
        assertThat(loop.snapshot(P).revision()).isNotEmpty();
        assertThat(issued()).isZero();
        ByteString bytes = leaf().bytes();
        assertThat(issued()).isEqualTo(1);
        loop.source.policy("p", "hosts: [{host: a.example.com}, {host: c.example.com}]");
        assertThat(loop.apply()).containsExactly(P);
        assertThat(leaf().version()).isEqualTo(version);
        assertThat(leaf().bytes()).isEqualTo(bytes);
        assertThat(issued()).isEqualTo(1);
    }

    @Test
    @DisplayName("CERT-12 a restarted process, and another replica, gives the same versions")
    void givesTheSameVersionsAfterARestart() {
        loop.source.policy("p", "hosts: [{host: a.example.com}]");
        loop.apply();
        Loop restarted = new Loop();
        restarted.clock.set(START.plusSeconds(1));
        restarted.source.policy("p", "hosts: [{host: a.example.com}]");
        restarted.apply();
        assertThat(restarted.snapshot(P).revision()).isEqualTo(loop.snapshot(P).revision());
    }

    @Test
    @DisplayName("CERT-03 a leaf is renewed when its slot ends, and nothing else changes")
    void renewsALeafWhenItsSlotEnds() {
        loop.source.policy("p", "hosts: [{host: a.example.com}]");
        loop.apply();
        PublishedSnapshot before = loop.snapshot(P);
        String version = leaf().version();
        Instant due = loop.reconciler.next().orElseThrow();
        assertThat(Duration.between(START, due)).isPositive().isLessThanOrEqualTo(SLOT);
        loop.clock.set(due.minusMillis(1));
        assertThat(loop.look()).isEmpty();
        loop.clock.set(due);
        assertThat(loop.look()).containsExactly(P);
        assertThat(leaf().version()).isNotEqualTo(version);
        assertThat(loop.snapshot(P).routes()).isEqualTo(before.routes());
        assertThat(loop.snapshot(P).clusters()).isEqualTo(before.clusters());
        assertThat(loop.reconciler.next()).contains(due.plus(SLOT));
        assertThat(loop.look()).isEmpty();
    }

    @Test
    @DisplayName("CERT-06 FAULT-12 a new CA epoch changes the bundle at once and the leaves each in their time")
    void followsTheCaEpoch() {
        loop.source.policy("p", "hosts: [{host: a.example.com}]");
        loop.apply();
        String upgrade = cluster("upgrade/443");
        Instant change = Loop.pki(1, loop.clock).cas().nextChange();
        loop.clock.set(change.minusMillis(1));
        loop.look();
        assertThat(cluster("upgrade/443")).isEqualTo(upgrade);
        loop.clock.set(change);
        assertThat(loop.look()).containsExactly(P);
        assertThat(cluster("upgrade/443")).isNotEqualTo(upgrade);
        assertThat(loop.look()).isEmpty();
    }

    @Test
    @DisplayName("FAULT-05 a clock an hour off, then right: most leaves stay, all are those of before afterwards")
    void survivesAClockThatIsAnHourOff() {
        StringBuilder hosts = new StringBuilder("{host: h0.example.com}");
        for (int i = 1; i < 64; i++) {
            hosts.append(", {host: h").append(i).append(".example.com}");
        }
        loop.source.policy("p", "hosts: [" + hosts + "]");
        loop.apply();
        List<String> before = leafVersions();
        for (Duration off : List.of(Duration.ofHours(1), Duration.ofHours(-1))) {
            loop.pass(off);
            List<String> meanwhile = leafVersions();
            meanwhile.removeAll(before);
            assertThat(meanwhile).hasSizeLessThan(16);
            loop.pass(off.negated());
            assertThat(leafVersions()).isEqualTo(before);
            assertThat(loop.look()).isEmpty();
        }
    }

    @Test
    @DisplayName("FAULT-05 a clock a year off, then right: everything is as it was, at once, without a loop")
    void survivesAClockThatIsAYearOff() {
        loop.source.policy("p", "hosts: [{host: a.example.com}]");
        loop.apply();
        String revision = loop.snapshot(P).revision();
        for (Duration off : List.of(Duration.ofDays(365), Duration.ofDays(-365))) {
            assertThat(loop.pass(off)).containsExactly(P);
            assertThat(loop.snapshot(P).revision()).isNotEqualTo(revision);
            assertThat(loop.look()).isEmpty();
            assertThat(loop.reconciler.next())
                    .hasValueSatisfying(next -> assertThat(next).isAfter(loop.clock.instant()));
            assertThat(loop.pass(off.negated())).containsExactly(P);
            assertThat(loop.snapshot(P).revision()).isEqualTo(revision);
            assertThat(loop.look()).isEmpty();
        }
        assertThat(issued()).isZero();
    }

    @Test
    void drainsNoLongerThanFromNowWhenTheClockIsSetBack() {
        loop.source.policy("p", "hosts: [{host: a.example.com}, {host: b.example.com}]");
        loop.apply();
        loop.source.policy("p", "hosts: [{host: a.example.com}]");
        loop.apply();
        assertThat(loop.snapshot(P).plan().leaving()).containsKey("b.example.com");
        loop.pass(Duration.ofDays(-1));
        loop.pass(DRAIN.minusMillis(1));
        assertThat(loop.snapshot(P).plan().leaving()).containsKey("b.example.com");
        loop.pass(Duration.ofMillis(1));
        assertThat(loop.snapshot(P).plan().leaving()).isEmpty();
    }

    @Test
    void usesTheTtlOfThePolicy() {
        loop.source.policy("p", "hosts: [{host: a.example.com}], certificates: {leafTtl: 60s}");
        loop.apply();
        Instant due = loop.reconciler.next().orElseThrow();
        assertThat(Duration.between(START, due)).isLessThanOrEqualTo(Duration.ofSeconds(40));
        String version = leaf().version();
        loop.source.policy("p", "hosts: [{host: a.example.com}]");
        assertThat(loop.apply()).containsExactly(P);
        assertThat(leaf().version()).isNotEqualTo(version);
    }

    private VersionedResource leaf() {
        return loop.snapshot(P).secret("leaf/a.example.com").orElseThrow();
    }

    private List<String> leafVersions() {
        return new ArrayList<>(loop.snapshot(P).secretNames().stream()
                .filter(name -> name.startsWith("leaf/"))
                .map(name -> loop.snapshot(P).secret(name).orElseThrow().version())
                .toList());
    }

    private String cluster(String name) {
        return String.valueOf(loop.snapshot(P).clusters().get(name));
    }

    private double issued() {
        return loop.meters.get("sallyport.certificates.issued").counter().count();
    }
}
