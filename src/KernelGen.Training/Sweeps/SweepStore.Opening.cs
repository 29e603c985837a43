using Microsoft.Data.Sqlite;

namespace KernelGen.Training;

/// <content>Opening a database, and refusing what is none of a sweep.</content>
public sealed partial class SweepStore
{
    /// <summary>True if a file is a SQLite database.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static bool IsDatabase(string path)
    {
        // sqlite.org/fileformat2.html, section 1.3: the header begins with this and a zero.
        using FileStream file = File.Open(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        Span<byte> header = stackalloc byte[16];
        return file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) == header.Length
            && header.SequenceEqual("SQLite format 3\0"u8);
    }

    /// <summary>Opens a database.</summary>
    /// <param name="path">The file.</param>
    /// <param name="create">Whether to make it if it does not exist.</param>
    /// <param name="owner">Who claims; this process if null.</param>
    /// <param name="clock">Gives the time; the machine's clock if null.</param>
    /// <exception cref="SweepException">The file does not exist, or is no database of a sweep.</exception>
    public static SweepStore Open(string path, bool create = false, SweepOwner? owner = null, TimeProvider? clock = null) =>
        Open(path, create, readOnly: false, owner ?? SweepOwner.Current, clock ?? TimeProvider.System);

    /// <summary>
    /// The runs of a database that others may be working on, in the order in which they were first added. Nothing is written.
    /// </summary>
    /// <param name="path">The file; it may be on a medium that cannot be written.</param>
    /// <exception cref="SweepException">The file does not exist, or is no database of a sweep.</exception>
    public static IReadOnlyList<StoredRun> ReadRuns(string path)
    {
        using SweepStore store = Open(path, create: false, readOnly: true, SweepOwner.Current, TimeProvider.System);
        return store.Runs();
    }

    private static SweepStore Open(string path, bool create, bool readOnly, SweepOwner owner, TimeProvider clock)
    {
        if (!create && !File.Exists(path))
        {
            throw new SweepException($"{path} does not exist. 'kernelgen sweep SPEC.json --database {path}' makes it.");
        }
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = path,
                Pooling = false,
                DefaultTimeout = readOnly ? ReadSeconds : LockSeconds,
                Mode = create ? SqliteOpenMode.ReadWriteCreate : SqliteOpenMode.ReadWrite,
            }.ToString()
        );
        try
        {
            connection.Open();
            var store = new SweepStore(path, connection, readOnly, owner, clock);
            if (readOnly)
            {
                store.Check();
            }
            else
            {
                store.Prepare();
            }
            return store;
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw new SweepException($"{path} is no database of a sweep: {e.Message}", e);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void Prepare()
    {
        // A killed process must leave every stored outcome readable, also if the machine loses power: the journal of rollbacks, flushed.
        Execute("PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL;");
        Transact(() =>
        {
            RequireSweep(mayBeEmpty: true);
            RequireTables();
            Execute(
                $"""
                PRAGMA application_id = {ApplicationId};
                PRAGMA user_version = {Version};
                CREATE TABLE IF NOT EXISTS runs(
                  key TEXT PRIMARY KEY, grouping TEXT NOT NULL, kind TEXT NOT NULL, work REAL NOT NULL, spec TEXT NOT NULL,
                  state INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 3),
                  owner TEXT NOT NULL DEFAULT '', heartbeat REAL NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0,
                  seconds REAL NOT NULL DEFAULT 0, finished REAL NOT NULL DEFAULT 0,
                  outcome TEXT NOT NULL DEFAULT '', error TEXT NOT NULL DEFAULT '');
                """
            );
            return 0;
        });
    }

    private void Check()
    {
        Execute("PRAGMA query_only = ON;");
        Number("PRAGMA schema_version"); // the first look into the file: whether it is a database
        Transact(() =>
        {
            RequireSweep(mayBeEmpty: false);
            RequireTables();
            return 0;
        });
    }

    private void RequireSweep(bool mayBeEmpty)
    {
        long id = Number("PRAGMA application_id"),
            version = Number("PRAGMA user_version");
        if (id != ApplicationId && !(mayBeEmpty && id == 0 && Number("SELECT count(*) FROM sqlite_master") == 0))
        {
            throw new SweepException($"{Path} is a database, but not of a sweep.");
        }
        if (id == ApplicationId && version != Version)
        {
            throw new SweepException($"{Path} has layout {version}; this program reads layout {Version}.");
        }
    }

    /// <summary>
    /// A view would be computed as it is read, without an end if its maker likes, and a trigger does what it likes when a run is stored.
    /// </summary>
    private void RequireTables()
    {
        if (Number("SELECT count(*) FROM sqlite_master WHERE type NOT IN ('table', 'index')") > 0)
        {
            throw new SweepException($"{Path} has views or triggers; the database of a sweep has none.");
        }
    }
}
