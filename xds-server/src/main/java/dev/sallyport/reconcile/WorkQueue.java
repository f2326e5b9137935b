package dev.sallyport.reconcile;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keys that somebody has to look at, each at most once however often it was added, and by one worker at a time. What is added while it is being looked at is looked at again. No larger than there are keys. Thread-safe.
 */
final class WorkQueue<K> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WorkQueue.class);

    /** After a fault of ours. */
    private static final Duration TRY_AGAIN = Duration.ofSeconds(10);

    private static final Duration LONGEST_END = Duration.ofSeconds(10);

    private final Function<? super K, Optional<Duration>> work;
    private final List<Thread> workers;
    private final Lock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Set<K> waiting = new LinkedHashSet<>();
    private final Set<K> running = new HashSet<>();
    private final Map<K, Timer<K>> timers = new HashMap<>();
    private final PriorityQueue<Timer<K>> byTime = new PriorityQueue<>();
    private boolean closed;

    /** Compared by identity. */
    private static final class Timer<K> implements Comparable<Timer<K>> {
        private final K key;
        private final long due;

        private Timer(K key, long due) {
            this.key = key;
            this.due = due;
        }

        @Override
        public int compareTo(Timer<K> other) {
            return Long.signum(due - other.due);
        }
    }

    /** {@code work} looks at one key, and says when to look again if nobody adds it before. */
    WorkQueue(String name, int workers, Function<? super K, Optional<Duration>> work) {
        this.work = work;
        this.workers = IntStream.range(0, workers).mapToObj(this::worker).toList();
        this.workers.forEach(thread -> thread.setName(name + "-" + thread.getName()));
    }

    private Thread worker(int number) {
        Thread thread = new Thread(this::run, String.valueOf(number));
        thread.setDaemon(true);
        return thread;
    }

    /** Begins to work. May be called once. */
    void start() {
        workers.forEach(Thread::start);
    }

    /** Any thread; returns at once. */
    void add(K key) {
        addAll(List.of(key));
    }

    /** The same for several. */
    void addAll(Collection<? extends K> keys) {
        locked(() -> {
            waiting.addAll(keys);
            changed.signalAll();
        });
    }

    /** How many wait to be looked at now. */
    int size() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        try {
            for (Optional<K> next = take(); next.isPresent(); next = take()) {
                K key = next.get();
                Optional<Duration> again = lookAt(key);
                locked(() -> done(key, again));
            }
        } catch (InterruptedException e) {
            LOG.debug("stopped", e);
        }
    }

    private Optional<Duration> lookAt(K key) {
        try {
            return work.apply(key);
        } catch (RuntimeException e) {
            LOG.error("{} could not be looked at", key, e);
            return Optional.of(TRY_AGAIN);
        }
    }

    /** Empty: it is over. */
    private Optional<K> take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed) {
                long wait = ripen();
                Optional<K> next = next();
                if (next.isPresent()) {
                    return next;
                }
                if (wait > 0) {
                    long unused = changed.awaitNanos(wait);
                } else {
                    changed.await();
                }
            }
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    private Optional<K> next() {
        Iterator<K> keys = waiting.iterator();
        while (keys.hasNext()) {
            K key = keys.next();
            if (!running.contains(key)) {
                keys.remove();
                running.add(key);
                Timer<K> timer = timers.remove(key);
                if (timer != null) {
                    byTime.remove(timer);
                }
                return Optional.of(key);
            }
        }
        return Optional.empty();
    }

    /** Moves what is due to what waits. Nanoseconds until the next is; 0: there is none. */
    private long ripen() {
        long now = System.nanoTime();
        for (Timer<K> first = byTime.peek(); first != null; first = byTime.peek()) {
            boolean counts = timers.get(first.key) == first;
            if (counts && first.due - now > 0) {
                return first.due - now;
            }
            byTime.remove();
            if (counts) {
                timers.remove(first.key);
                waiting.add(first.key);
            }
        }
        return 0;
    }

    private void done(K key, Optional<Duration> again) {
        running.remove(key);
        again.ifPresent(delay -> {
            Timer<K> timer = new Timer<>(key, System.nanoTime() + delay.toNanos());
            timers.put(key, timer);
            byTime.add(timer);
        });
        changed.signalAll();
    }

    private void locked(Runnable task) {
        lock.lock();
        try {
            task.run();
        } finally {
            lock.unlock();
        }
    }

    /** Lets what is being looked at end, and takes nothing more. */
    @Override
    public void close() {
        locked(() -> {
            closed = true;
            waiting.clear();
            changed.signalAll();
        });
        long end = System.nanoTime() + LONGEST_END.toNanos();
        try {
            for (Thread worker : workers) {
                long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                worker.join(Math.max(1, left));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
