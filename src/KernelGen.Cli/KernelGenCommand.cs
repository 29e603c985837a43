using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using KernelGen.Bench;
using KernelGen.Cli.Commands;
using KernelGen.Cli.Expressions;
using KernelGen.Cli.Input;
using KernelGen.Cli.Output;
using KernelGen.Kernels.Products.MachineCode;
using KernelGen.Models;
using KernelGen.Scaling;
using KernelGen.Training;

namespace KernelGen.Cli;

/// <summary>The <c>kernelgen</c> command: parses, runs, and turns failures into one line and an exit code.</summary>
internal static class KernelGenCommand
{
    private const string Name = "kernelgen",
        Trace = "KERNELGEN_TRACE";

    /// <summary>Runs the command.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="environment">Formats, writers, cancellation.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Run(string[] args, CommandEnvironment environment)
    {
        environment = environment with
        {
            Out = new VisibleWriter(environment.Out, mayFail: true),
            Error = new VisibleWriter(environment.Error, mayFail: false),
        };
        try
        {
            int code = Invoke(args, environment);
            environment.Out.Flush();
            return code;
        }
        catch (Exception e)
        {
            return Failed(e is AggregateException { InnerExceptions: [var first, ..] } ? first : e, environment);
        }
    }

    private static int Invoke(string[] args, CommandEnvironment environment)
    {
        Option<string[]> formats = OwnFormats.Option();
        Command root = Root(environment, formats);
        if (Completion.IsAskedFor(args))
        {
            return Completion.Run(root, args, environment);
        }
        ParseResult parsed = root.Parse(args);
        var configuration = new InvocationConfiguration
        {
            Output = environment.Out,
            Error = environment.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null, // Ctrl-C cancels through the environment
        };
        if (parsed.Action is not ParseErrorAction wrong)
        {
            if (CpuKernels.Refusal is { } refusal)
            {
                throw new UsageException(refusal);
            }
            if (parsed.Action == parsed.CommandResult.Command.Action) // help and version load no code
            {
                environment = ExpressionFormats.Join(OwnFormats.Join(environment, parsed, formats), parsed);
                parsed = Root(environment, formats).Parse(args);
            }
            return parsed.Invoke(configuration);
        }
        wrong.ShowHelp = false;
        configuration.Output = environment.Error; // suggestions are no results
        parsed.Invoke(configuration);
        environment.Note($"See {string.Join(' ', Path(parsed))} --help.");
        return ExitCode.Usage;
    }

    /// <summary>One line and the exit code; where the failure came from if that is asked for.</summary>
    private static int Failed(Exception e, CommandEnvironment environment)
    {
        bool usage = e is UsageException or PeerException or QuantizationRuleException or ExpressionException;
        string message = e switch
        {
            _ when usage => e.Message,
            OperationCanceledException => "cancelled.",
            OutOfMemoryException => "there is not enough memory for this.",
            ModelFormatException
            or IOException
            or UnauthorizedAccessException
            or NonFiniteWeightException
            or KeyNotFoundException
            or RunTableException
            or FitException
            or SweepException
            or TrainingDivergedException
            or Gpu.GpuException => e.Message,
            _ => $"{e.Message} ({e.GetType().Name}, which should not happen; {Trace}=1 shows where it comes from.)",
        };
        string[] lines = e is ExpressionException ? message.Split('\n') : [message]; // an expression, and marks under it
        lines[0] = $"{Name}: {lines[0]}";
        Array.ForEach(lines, environment.Note);
        if (environment.Variable(Trace) == "1")
        {
            environment.Error.WriteLine(e);
        }
        return usage ? ExitCode.Usage : ExitCode.Failed;
    }

    /// <summary>A plain command and no <see cref="RootCommand"/>, which would be named after the assembly.</summary>
    internal static Command Root(CommandEnvironment environment, Option<string[]> formats) =>
        new(Name, "Compressed number formats: what they are, what they cost, what they can hold.")
        {
            new HelpOption(),
            new VersionOption(),
            formats,
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
            DesignCommand.Create(environment),
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
