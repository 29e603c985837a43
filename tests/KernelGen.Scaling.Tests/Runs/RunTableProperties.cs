using System.Globalization;
using CsCheck;

namespace KernelGen.Scaling.Tests;

/// <summary>What is written as a run table is what is read, regardless of the separator, quotes and line ends.</summary>
public class RunTableProperties
{
    private static readonly Gen<(double Params, double Tokens, double Loss, string Group)> Run = Gen.Select(
        Gen.Double[1, 1e13],
        Gen.Double[1, 1e15],
        Gen.Double[1e-6, 100],
        Gen.Char[' ', '\u017f'].Where(c => !char.IsControl(c)).Array[0, 12].Select(c => new string(c).Trim())
    );

    [Fact]
    public void Csv_round_trips() =>
        Gen.Select(Run.Array[1, 8], Gen.Int[0, 3].Select(i => ",;\t|"[i]), Gen.Bool.Select(windows => windows ? "\r\n" : "\n"), Gen.Bool)
            .Sample(
                (runs, separator, end, named) =>
                {
                    string Line(params string[] cells) => string.Join(separator, cells) + end;
                    string text =
                        (named && separator != '\t' ? $"sep={separator}{end}" : "")
                        + Line("params", "tokens", "loss", "group")
                        + string.Concat(
                            runs.Select(run =>
                                Line(Number(run.Params), Number(run.Tokens), Number(run.Loss), $"\"{run.Group.Replace("\"", "\"\"")}\"")
                            )
                        );
                    return Same(runs, RunTable.ReadCsv(new StringReader(text), "runs.csv"));
                }
            );

    [Fact]
    public void Json_round_trips() =>
        Gen.Select(Run.Array[1, 8], Gen.Bool)
            .Sample(
                (runs, lines) =>
                {
                    string[] rows =
                    [
                        .. runs.Select(run =>
                            System.Text.Json.JsonSerializer.Serialize(
                                new
                                {
                                    @params = run.Params,
                                    tokens = run.Tokens,
                                    loss = run.Loss,
                                    group = run.Group,
                                }
                            )
                        ),
                    ];
                    string text = lines ? string.Join('\n', rows) : $"[{string.Join(",", rows)}]";
                    return Same(runs, RunTable.ReadJsonLines(new StringReader(text), "runs.jsonl"));
                }
            );

    private static bool Same((double Params, double Tokens, double Loss, string Group)[] runs, RunTable table) =>
        runs.SequenceEqual(table.Runs.Select(run => (run.Input.Params, run.Input.Tokens, run.Loss, run.Group)));

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
