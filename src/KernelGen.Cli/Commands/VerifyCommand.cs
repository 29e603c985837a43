using System.CommandLine;
using System.Globalization;
using KernelGen.Cli.Input;
using KernelGen.Cli.Output;
using KernelGen.Models;
using KernelGen.Reports;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen verify</c>: a compressed model against its original.</summary>
internal sealed class VerifyCommand
{
    private readonly Argument<string> _before = new("ORIGINAL") { Description = "The original model." };
    private readonly Argument<string> _after = new("COMPRESSED") { Description = "What became of it." };
    private readonly Option<double?> _largest = new("--max-error")
    {
        Description = "Fail if a tensor's relative mean squared error is larger.",
    };
    private readonly Option<bool> _repack = new("--repack") { Description = "Pack the original again and compare the bytes." };
    private readonly Option<string?> _importance = new("--importance")
    {
        Description = "Importance that COMPRESSED was packed with, for --repack; it also weighs errors.",
    };
    private readonly Option<int?> _threads = CommonOptions.Threads();
    private readonly Option<string> _output = CommonOptions.Output();
    private readonly CommandEnvironment _environment;

    private VerifyCommand(CommandEnvironment environment) => _environment = environment;

    public static Command Create(CommandEnvironment environment)
    {
        var self = new VerifyCommand(environment);
        var command = new Command(
            "verify",
            "Compare a compressed model with the original: errors, hashes and sizes of each tensor. Exit code 1 if anything is wrong."
        )
        {
            self._before,
            self._after,
            self._largest,
            self._repack,
            self._importance,
            self._threads,
            self._output,
        };
        command.SetAction(self.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        using ModelFile original = ModelFile.Open(parsed.GetRequiredValue(_before), _environment.Catalog);
        using ModelFile after = ModelFile.Open(parsed.GetRequiredValue(_after), _environment.Catalog);
        ModelFile before =
            after.IsGguf && original.IsHuggingFace() && original.Tensors.All(tensor => after.Find(tensor.Name) is null)
                ? original.ForLlamaCpp()
                : original;
        ImportanceFile? importance = parsed.GetValue(_importance) is { } path ? ImportanceFile.Read(path, _environment.Catalog) : null;
        var verification = new ModelVerification(before, after)
        {
            Threads = parsed.GetValue(_threads) ?? Environment.ProcessorCount,
            Cancellation = _environment.Cancellation,
            Repack = parsed.GetValue(_repack),
            LargestError = parsed.GetValue(_largest),
            Importance = importance,
            Catalog = _environment.Catalog,
        };
        List<TensorVerdict> verdicts = [];
        long done = 0;
        _environment.Progress.Run("verify", Throughput.Steps(before.Bytes), report =>
        {
            var throughput = new Throughput(report);
            foreach (string name in verification.Names)
            {
                verdicts.Add(verification.Compare(name));
                throughput.Report(done += before.Find(name)?.Bytes ?? 0, name);
            }
        });
        TableWriter.Write(Table(verdicts, importance is not null), parsed.GetRequiredValue(_output), _environment);
        return Summary(before, after, verdicts);
    }

    private static DataTable Table(List<TensorVerdict> verdicts, bool weighted)
    {
        Column[] extra = weighted ? [new("weighted_mse", "weighted MSE", "G4")] : [];
        var table = new DataTable([
            new("tensor", "tensor"),
            new("before", "before"),
            new("after", "after"),
            new("bits_per_weight", "bits", "0.00##"),
            new("mse", "relative MSE", "G4"),
            .. extra,
            new("cosine", "cosine", "0.000000"),
            new("max_error", "max |error|", "G4"),
            new("bytes_before", "bytes before"),
            new("bytes_after", "bytes after"),
            new("sha256", "SHA-256", Words: value => ((string)value)[..12]),
            new("verdict", "verdict"),
        ]);
        foreach (TensorVerdict verdict in verdicts)
        {
            string words = verdict.Problem
                ?? (
                    verdict.SameBytes ? "same bytes"
                    : verdict.Repacked == true ? "packs to the same bytes"
                    : verdict.Loss.Flushed > 0 ? $"ok, but {verdict.Loss.Flushed} groups became zero"
                    : "ok"
                );
            object?[] weightedError = weighted ? [verdict.Errors?.WeightedRelativeError] : [];
            table.Add([
                verdict.Name,
                verdict.Before?.Storage.Name,
                verdict.After?.Storage.Name,
                verdict.After?.BitsPerWeight,
                verdict.Errors?.RelativeError,
                .. weightedError,
                verdict.Errors?.Cosine,
                verdict.Errors?.Largest,
                verdict.Before?.Bytes,
                verdict.After?.Bytes,
                verdict.Hash,
                words,
            ]);
        }
        return table;
    }

    private int Summary(ModelFile before, ModelFile after, List<TensorVerdict> verdicts)
    {
        ValueErrors sum = verdicts.Select(verdict => verdict.Errors ?? default).Aggregate(new ValueErrors(), (a, b) => a + b);
        _environment.Note(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Sizes.Text(before.Bytes)} -> {Sizes.Text(after.Bytes)}, {Sizes.BitsPerWeight(after.Bytes, after.Count):0.00##} bits per weight; all values together: relative MSE {sum.RelativeError:G4}, cosine {sum.Cosine:0.000000}"
            )
        );
        TensorVerdict[] bad = [.. verdicts.Where(verdict => verdict.Problem is not null)];
        foreach (TensorVerdict verdict in bad)
        {
            _environment.Note($"{verdict.Name} {verdict.Problem}.");
        }
        return bad.Length == 0 ? ExitCode.Ok : ExitCode.Failed;
    }
}
