using Microsoft.Data.Sqlite;

namespace KernelGen.Training;

/// <summary>
/// The database of a sweep: SQLite in one file. Several processes may work on it at once; each run is claimed by one of them in a
/// transaction, and its outcome is stored in another, so that a process may be killed at any moment and nothing is lost but the runs
/// it was at. Those are taken up again by the next process that asks.
/// </summary>
/// <remarks>
/// SQLite relies on the locks of the file system: on one that is mounted over a network give each machine its own database and join them
/// with <see cref="SweepMerge"/>. Not thread-safe by itself: every member takes the same lock.
/// </remarks>
public sealed partial class SweepStore : IDisposable
{
    /// <summary>
    /// A claim whose owner has not been heard of for so long is void. A process of this machine that has died is found at once.
    /// </summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(3);

    /// <summary>How often <see cref="Heartbeat"/> should be called.</summary>
    public static readonly TimeSpan Beat = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long to wait for another process that holds the database. One that is stopped in the middle of a transaction holds it until it
    /// goes on.
    /// </summary>
    private const int LockSeconds = 600;

    /// <summary>How long who only reads waits while another process stores an outcome.</summary>
    private const int ReadSeconds = 30;

    /// <summary>"KGsw" in ASCII: the application id that SQLite keeps in the header of the file.</summary>
    private const int ApplicationId = 0x4B477377;

    private const int Version = 1;

    private readonly SqliteConnection _connection;
    private readonly TimeProvider _clock;
    private readonly string _owner;
    private readonly bool _readOnly;
    private readonly Lock _gate = new();

    private SweepStore(string path, SqliteConnection connection, bool readOnly, SweepOwner owner, TimeProvider clock)
    {
        _readOnly = readOnly;
        Path = path;
        _connection = connection;
        _owner = owner.ToString();
        _clock = clock;
    }

    /// <summary>Path of the file.</summary>
    public string Path { get; }

    /// <summary>Adds runs that are not there yet, and makes these, in this order, the ones that <see cref="Claim"/> gives.</summary>
    /// <param name="runs">The runs.</param>
    public void Add(IReadOnlyList<SweepRun> runs) =>
        Transact(() =>
        {
            Execute("CREATE TEMP TABLE IF NOT EXISTS mine(position INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE); DELETE FROM mine;");
            using SqliteCommand insert = Command(
                "INSERT OR IGNORE INTO runs(key, grouping, kind, work, spec) VALUES ($key, $group, $kind, $work, $spec)",
                "$key",
                "$group",
                "$kind",
                "$work",
                "$spec"
            );
            using SqliteCommand select = Command("INSERT OR IGNORE INTO mine(key) VALUES ($key)", "$key");
            foreach (SweepRun run in runs)
            {
                Run(insert, run.Key, run.Group, run.Kind, run.Work, run.Spec);
                Run(select, run.Key);
            }
            return 0;
        });

    /// <summary>Takes the next run of those added; null if none waits.</summary>
    public SweepRun? Claim() =>
        Transact(() =>
        {
            FreeAbandoned();
            using SqliteCommand next = Command(
                $"SELECT {StoredRows.RunColumns} FROM mine JOIN runs r USING (key) WHERE r.state = 0 ORDER BY mine.position LIMIT 1"
            );
            SweepRun? run = null;
            using (SqliteDataReader reader = next.ExecuteReader())
            {
                run = reader.Read() ? StoredRows.Run(reader, Path) : null;
            }
            if (run is not null)
            {
                using SqliteCommand claim = Command(
                    "UPDATE runs SET state = 1, owner = $owner, heartbeat = $now, attempts = attempts + 1 WHERE key = $key",
                    "$owner",
                    "$now",
                    "$key"
                );
                Run(claim, _owner, Now, run.Key);
            }
            return run;
        });

    /// <summary>Stores an outcome.</summary>
    /// <param name="key">Key of a run this process has claimed.</param>
    /// <param name="seconds">What it took.</param>
    /// <param name="outcome">The outcome as JSON.</param>
    /// <returns>False if the claim was lost meanwhile: another process has the run, and nothing was stored.</returns>
    public bool Complete(string key, double seconds, string outcome) => End(key, RunState.Done, seconds, outcome, "");

    /// <summary>Stores that a run failed.</summary>
    /// <param name="key">Key of a run this process has claimed.</param>
    /// <param name="seconds">What it took.</param>
    /// <param name="error">What went wrong.</param>
    /// <returns>False if the claim was lost meanwhile.</returns>
    public bool Fail(string key, double seconds, string error) => End(key, RunState.Failed, seconds, "", error);

    /// <summary>Gives a claimed run back unfinished.</summary>
    /// <param name="key">Its key.</param>
    public void Release(string key) =>
        Transact(() =>
        {
            using SqliteCommand command = Command(
                "UPDATE runs SET state = 0 WHERE key = $key AND state = 1 AND owner = $owner",
                "$key",
                "$owner"
            );
            return Run(command, key, _owner);
        });

    /// <summary>Says that this process still works on what it has claimed.</summary>
    public void Heartbeat() =>
        Transact(() =>
        {
            using SqliteCommand command = Command("UPDATE runs SET heartbeat = $now WHERE state = 1 AND owner = $owner", "$now", "$owner");
            return Run(command, Now, _owner);
        });

    /// <summary>Lets failed runs wait again.</summary>
    /// <returns>How many there were.</returns>
    public int RetryFailed() =>
        Transact(() =>
        {
            using SqliteCommand command = Command("UPDATE runs SET state = 0, error = '' WHERE state = 3");
            return command.ExecuteNonQuery();
        });

    /// <summary>All runs, in the order in which they were first added.</summary>
    public IReadOnlyList<StoredRun> Runs() => Transact(() => Read(StoredRows.All));

    /// <summary>The runs that <see cref="Add"/> was last given, in that order.</summary>
    public IReadOnlyList<StoredRun> Added() => Transact(() => Read(StoredRows.OfPlan));

    /// <summary>Takes over runs of another database as they are.</summary>
    /// <param name="runs">The runs; one whose key is here replaces what is.</param>
    internal void Put(IReadOnlyList<StoredRun> runs) =>
        Transact(() =>
        {
            using SqliteCommand command = Command(
                "INSERT INTO runs(key, grouping, kind, work, spec, state, owner, attempts, seconds, finished, outcome, error) VALUES "
                    + "($key, $group, $kind, $work, $spec, $state, $owner, $attempts, $seconds, $finished, $outcome, $error) "
                    + "ON CONFLICT(key) DO UPDATE SET state = excluded.state, owner = excluded.owner, attempts = excluded.attempts, "
                    + "seconds = excluded.seconds, finished = excluded.finished, outcome = excluded.outcome, error = excluded.error",
                "$key",
                "$group",
                "$kind",
                "$work",
                "$spec",
                "$state",
                "$owner",
                "$attempts",
                "$seconds",
                "$finished",
                "$outcome",
                "$error"
            );
            foreach (
                (
                    SweepRun run,
                    RunState state,
                    string owner,
                    int attempts,
                    double seconds,
                    double finished,
                    string outcome,
                    string error
                ) in runs
            )
            {
                Run(
                    command,
                    run.Key,
                    run.Group,
                    run.Kind,
                    run.Work,
                    run.Spec,
                    (int)state,
                    owner,
                    attempts,
                    seconds,
                    finished,
                    outcome,
                    error
                );
            }
            return 0;
        });

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    private double Now => _clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;

    private void FreeAbandoned()
    {
        List<string> gone = [];
        using (SqliteCommand claims = Command("SELECT key, owner, heartbeat FROM runs WHERE state = 1 AND owner <> $owner", "$owner"))
        {
            claims.Parameters[0].Value = _owner;
            using SqliteDataReader reader = claims.ExecuteReader();
            while (reader.Read())
            {
                if (reader.GetDouble(2) < Now - Lease.TotalSeconds || SweepOwner.Parse(reader.GetString(1)) is { IsGone: true })
                {
                    gone.Add(reader.GetString(0));
                }
            }
        }
        using SqliteCommand free = Command("UPDATE runs SET state = 0 WHERE key = $key", "$key");
        gone.ForEach(key => Run(free, key));
    }

    private bool End(string key, RunState state, double seconds, string outcome, string error) =>
        Transact(() =>
        {
            using SqliteCommand command = Command(
                "UPDATE runs SET state = $state, seconds = $seconds, finished = $now, outcome = $outcome, error = $error WHERE key = $key "
                    + "AND state = 1 AND owner = $owner",
                "$state",
                "$seconds",
                "$now",
                "$outcome",
                "$error",
                "$key",
                "$owner"
            );
            return Run(command, (int)state, seconds, Now, outcome, error, key, _owner) == 1;
        });

    private List<StoredRun> Read(string query)
    {
        using SqliteCommand command = Command(query);
        return StoredRows.Read(command, Path);
    }

    /// <summary>
    /// Work that other processes see wholly or not at all. The lock for writing is taken first, so that two never wait for each other.
    /// </summary>
    private T Transact<T>(Func<T> work)
    {
        lock (_gate)
        {
            try
            {
                using SqliteTransaction transaction = _connection.BeginTransaction(deferred: _readOnly);
                _transaction = transaction;
                T result = work();
                transaction.Commit();
                return result;
            }
            catch (SqliteException e)
            {
                throw new SweepException($"{Path}: {e.Message}", e);
            }
            finally
            {
                _transaction = null;
            }
        }
    }

    private SqliteTransaction? _transaction;

    private SqliteCommand Command(string text, params string[] parameters)
    {
        SqliteCommand command = _connection.CreateCommand();
        command.CommandText = text;
        command.Transaction = _transaction;
        foreach (string name in parameters)
        {
            command.Parameters.AddWithValue(name, null);
        }
        return command;
    }

    private static int Run(SqliteCommand command, params object[] values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }
        return command.ExecuteNonQuery();
    }

    private void Execute(string text)
    {
        using SqliteCommand command = Command(text);
        command.ExecuteNonQuery();
    }

    private long Number(string text)
    {
        using SqliteCommand command = Command(text);
        return (long)command.ExecuteScalar()!;
    }
}
