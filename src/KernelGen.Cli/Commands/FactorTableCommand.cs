using System.CommandLine;
using KernelGen.Cli.Input;
using KernelGen.Cli.Output;
using KernelGen.Reports;
using KernelGen.Scaling;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen factor-table</c>: how well capacity factors over magnitude sparsity and integer quantisation.</summary>
internal sealed class FactorTableCommand
{
    private readonly Option<long?> _samples = new("--samples", "-n")
    {
        Description = "Gaussian samples for each composition; 1e7 is understood.",
        CustomParser = argument => Numbers.Count(argument),
        DefaultValueFactory = _ => 1 << 22,
    };

    private readonly Option<int?> _group = new("--group")
    {
        Description = "Kept values per scale.",
        CustomParser = argument => Numbers.AtLeast(1)(argument),
        DefaultValueFactory = _ => 64,
    };

    private readonly Option<ulong> _seed = new("--seed") { Description = "Seed of the random samples.", DefaultValueFactory = _ => 0 };
    private readonly Option<int?> _threads = CommonOptions.Threads();
    private readonly Option<string> _output = CommonOptions.Output();
    private readonly CommandEnvironment _environment;

    private FactorTableCommand(CommandEnvironment environment) => _environment = environment;

    public static Command Create(CommandEnvironment environment)
    {
        var self = new FactorTableCommand(environment);
        var command = new Command("factor-table", "Measure Sparse(s) ∘ INT b: capacity by product and direct.")
        {
            self._samples,
            self._group,
            self._seed,
            self._threads,
            self._output,
        };
        command.SetAction(self.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        var options = new ProbeOptions
        {
            Samples = parsed.GetValue(_samples)!.Value,
            Seed = parsed.GetValue(_seed),
            Threads = parsed.GetValue(_threads) ?? Environment.ProcessorCount,
            Cancellation = _environment.Cancellation,
        };
        var table = new DataTable(
            new("bits", "INT b"),
            new("sparsity", "s", "0.0"),
            new("stored_bits", "stored", "0.###"),
            new("gmse", "composed", "G4"),
            new("standard_error", "±", "G2"),
            new("sparsity_gmse", "mask alone", "G4"),
            new("quantiser_gmse", "INT alone", "G4"),
            new("capacity_by_product", "ρ product", "0.000"),
            new("capacity_direct", "ρ direct", "0.000"),
            new("factorisation_error", "difference", "0.000")
        );
        foreach (FactorisationRow row in FactorisationTable.Measure(options, parsed.GetValue(_group)!.Value))
        {
            table.Add(
                row.Bits,
                row.Sparsity,
                row.StoredBits,
                row.Gmse,
                row.StandardError,
                row.SparsityGmse,
                row.QuantiserGmse,
                row.CapacityByProduct,
                row.CapacityDirect,
                row.FactorisationError
            );
        }
        TableWriter.Write(table, parsed.GetRequiredValue(_output), _environment);
        return ExitCode.Ok;
    }
}
