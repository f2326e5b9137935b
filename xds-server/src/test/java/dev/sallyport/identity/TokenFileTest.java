package dev.sallyport.identity;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.testing.TestClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenFileTest {
    private static final Duration HOUR = Duration.ofHours(1);

    @TempDir
    Path directory;

    private final TestClock clock = TestClock.at("2026-11-21T12:00:00Z");
    private final AtomicInteger minted = new AtomicInteger();

    @Test
    void holdsATokenThatOnlyItsOwnerMayReadAndNoLineEnd() throws Exception {
        Path file = directory.resolve("token");
        try (TokenFile tokenFile = tokenFile(file, HOUR, clock)) {
            tokenFile.start();

            assertThat(Files.readString(file)).isEqualTo("token-1-PT1H");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            try (Stream<Path> files = Files.list(directory)) {
                assertThat(files).containsExactly(file);
            }
        }
        assertThat(file).doesNotExist();
    }

    @Test
    void isReplacedAtHalfOfALifeAndNotBefore() throws Exception {
        Path file = directory.resolve("token");
        TokenFile tokenFile = tokenFile(file, HOUR, clock);
        tokenFile.refresh();
        Object inode = Files.getAttribute(file, "unix:ino");

        clock.advance(Duration.ofMinutes(30).minusMillis(1));
        tokenFile.refresh();
        assertThat(Files.readString(file)).isEqualTo("token-1-PT1H");
        clock.advance(Duration.ofMillis(1));
        tokenFile.refresh();
        assertThat(Files.readString(file)).isEqualTo("token-2-PT1H");
        assertThat(Files.getAttribute(file, "unix:ino"))
                .as("replaced by a rename")
                .isNotEqualTo(inode);
    }

    @Test
    void aClockThatWasAheadAndIsSetRightGivesANewToken() throws Exception {
        Path file = directory.resolve("token");
        TokenFile tokenFile = tokenFile(file, HOUR, clock);
        clock.advance(Duration.ofDays(365));
        tokenFile.refresh();
        clock.advance(Duration.ofDays(-365));
        tokenFile.refresh();

        assertThat(Files.readString(file)).isEqualTo("token-2-PT1H");
    }

    @Test
    void replacesTheTokenByItself() throws Exception {
        Path file = directory.resolve("token");
        try (TokenFile tokenFile = tokenFile(file, Duration.ofMillis(200), Clock.systemUTC())) {
            tokenFile.start();

            eventually(() -> assertThat(minted.get()).isGreaterThan(3));
            assertThat(Files.readString(file)).matches("token-[0-9]+-PT0.2S");
        }
    }

    @Test
    void goesOnWhenAWriteFails() throws Exception {
        Path inner = Files.createDirectory(directory.resolve("inner"));
        Path file = inner.resolve("token");
        try (TokenFile tokenFile = tokenFile(file, Duration.ofMillis(200), Clock.systemUTC())) {
            tokenFile.start();
            Files.move(inner, directory.resolve("away"));
            int before = minted.get();
            eventually(() -> assertThat(minted.get()).isGreaterThan(before + 2));
            Files.move(directory.resolve("away"), inner);
            Files.deleteIfExists(file);

            eventually(() -> assertThat(file).exists());
        }
    }

    @Test
    void saysSoWhenTheFirstWriteFails() throws Exception {
        try (TokenFile tokenFile = tokenFile(directory.resolve("none/token"), HOUR, clock)) {
            assertThatThrownBy(tokenFile::start).isInstanceOf(IOException.class).hasMessageContaining("none");
        }
    }

    @Test
    void writesNothingOnceItIsClosed() throws Exception {
        Path file = directory.resolve("token");
        TokenFile tokenFile = tokenFile(file, HOUR, clock);
        tokenFile.start();
        tokenFile.close();
        clock.advance(HOUR);
        tokenFile.refresh();

        assertThat(file).doesNotExist();
        assertThat(minted).hasValue(1);
    }

    private TokenFile tokenFile(Path file, Duration ttl, Clock time) {
        return new TokenFile(file, life -> "token-" + minted.incrementAndGet() + "-" + life, ttl, time);
    }
}
