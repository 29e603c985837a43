using Microsoft.Data.Sqlite;

namespace KernelGen.Training;

/// <summary>Rows of the database of a sweep as runs. A file may be anybody's: a value that is missing is named.</summary>
internal static class StoredRows
{
    /// <summary>Columns that describe a run.</summary>
    public const string RunColumns = "r.key, r.grouping, r.kind, r.work, r.spec";

    private const string Columns = $"{RunColumns}, r.state, r.owner, r.attempts, r.seconds, r.finished, r.outcome, r.error";

    /// <summary>All runs.</summary>
    public const string All = $"SELECT {Columns} FROM runs r ORDER BY r.rowid";

    /// <summary>Those of the plan that was added last.</summary>
    public const string OfPlan = $"SELECT {Columns} FROM mine JOIN runs r USING (key) ORDER BY mine.position";

    /// <summary>The runs that a query gives.</summary>
    /// <param name="query">It has all columns.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="SweepException">A row has no value where every run has one.</exception>
    public static List<StoredRun> Read(SqliteCommand query, string path)
    {
        using SqliteDataReader reader = query.ExecuteReader();
        List<StoredRun> runs = [];
        while (reader.Read())
        {
            SweepRun run = Run(reader, path);
            runs.Add(
                new(
                    run,
                    (RunState)reader.GetInt32(5),
                    reader.GetString(6),
                    reader.GetInt32(7),
                    reader.GetDouble(8),
                    reader.GetDouble(9),
                    reader.GetString(10),
                    reader.GetString(11)
                )
            );
        }
        return runs;
    }

    /// <summary>The run of the row that a reader is at.</summary>
    public static SweepRun Run(SqliteDataReader reader, string path)
    {
        for (int column = 0; column < reader.FieldCount; column++)
        {
            if (reader.IsDBNull(column))
            {
                throw new SweepException($"{path}: a run has no {reader.GetName(column)}; the database is damaged.");
            }
        }
        return new(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetDouble(3), reader.GetString(4));
    }
}
