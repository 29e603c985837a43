using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using KernelGen.Bench;
using KernelGen.Cli.Commands;
using KernelGen.Kernels.Products.MachineCode;
using KernelGen.Models;
using KernelGen.Training;

namespace KernelGen.Cli;

/// <summary>The <c>kernelgen</c> command: parses, runs, and turns failures into one line and an exit code.</summary>
internal static class KernelGenCommand
{
    private const string Name = "kernelgen";

    /// <summary>Runs the command.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="environment">Formats, writers, cancellation.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Run(string[] args, CommandEnvironment environment)
    {
        ParseResult parsed = Root(environment).Parse(args);
        var configuration = new InvocationConfiguration
        {
            Output = environment.Out,
            Error = environment.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null, // Ctrl-C cancels through the environment
        };
        if (parsed.Action is ParseErrorAction wrong)
        {
            wrong.ShowHelp = false;
            configuration.Output = environment.Error; // suggestions are no results
            parsed.Invoke(configuration);
            environment.Note($"See {string.Join(' ', Path(parsed))} --help.");
            return ExitCode.Usage;
        }
        if (CpuKernels.Refusal is { } refusal)
        {
            return Failure(refusal, ExitCode.Usage);
        }
        try
        {
            return parsed.Invoke(configuration);
        }
        catch (Exception e) when (e is UsageException or PeerException or QuantizationRuleException)
        {
            return Failure(e.Message, ExitCode.Usage);
        }
        catch (OperationCanceledException)
        {
            return Failure("cancelled.", ExitCode.Failed);
        }
        catch (Exception e)
            when (e
                    is ModelFormatException
                        or IOException
                        or UnauthorizedAccessException
                        or NonFiniteWeightException
                        or KeyNotFoundException
                        or SweepException
                        or TrainingDivergedException
                        or Gpu.GpuException
            )
        {
            return Failure(e.Message, ExitCode.Failed);
        }
        catch (OutOfMemoryException)
        {
            return Failure("there is not enough memory for this.", ExitCode.Failed);
        }

        int Failure(string message, int code)
        {
            environment.Error.WriteLine($"{Name}: {message}");
            return code;
        }
    }

    /// <summary>A plain command and no <see cref="RootCommand"/>, which would be named after the assembly.</summary>
    private static Command Root(CommandEnvironment environment) =>
        new(Name, "Compressed number formats: what they are, what they cost, what they can hold.")
        {
            new HelpOption(),
            new VersionOption(),
            ListCommand.Create(environment),
            ShowCommand.Create(environment),
            EmitCommand.Create(environment),
            PackCommand.Create(environment),
            UnpackCommand.Create(environment),
            InspectCommand.Create(environment),
            QuantizeCommand.Create(environment),
            ConvertCommand.Create(environment),
            VerifyCommand.Create(environment),
            AllocateCommand.Create(environment),
            EvalCommand.Create(environment),
            ProbeCommand.Create(environment),
            CompareCommand.Create(environment),
            BenchCommand.Create(environment),
            SpeedsCommand.Create(environment),
            DevicesCommand.Create(environment),
            GridCommand.Create(environment),
            LawsCommand.Create(environment),
            IsoFlopCommand.Create(environment),
            FitCommand.Create(environment),
            PredictCommand.Create(environment),
            PlanCommand.Create(environment),
            FactorizeCommand.Create(environment),
            FactorTableCommand.Create(environment),
            ReportCommand.Create(environment),
            TrainCommand.Create(environment),
            SweepCommand.Create(environment),
        };

    /// <summary>The command that was meant: <c>kernelgen sweep status</c>.</summary>
    private static IEnumerable<string> Path(ParseResult parsed)
    {
        List<string> names = [];
        for (SymbolResult? result = parsed.CommandResult; result is CommandResult command; result = command.Parent)
        {
            names.Insert(0, command.Command.Name);
        }
        return names;
    }
}
