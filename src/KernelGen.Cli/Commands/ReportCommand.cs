using System.CommandLine;
using KernelGen.Cli.Input;
using KernelGen.Cli.Scaling;
using KernelGen.Models;
using KernelGen.Reports;
using KernelGen.Scaling;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen report</c>: one self-contained page on a run table, without scripts.</summary>
internal sealed class ReportCommand
{
    private readonly Argument<string> _runs = new("RUNS")
    {
        Description = "Run table: CSV or JSON lines with params, tokens (or flops) and loss.",
    };
    private readonly Option<string?> _law = new("--law")
    {
        Description =
            "Law to fit (kernelgen laws lists them). If not given, unified for tables with compressed runs and chinchilla for others.",
    };
    private readonly Option<int> _bootstrap = new("--bootstrap")
    {
        Description = "Bootstrap resamples; 0 for no intervals.",
        DefaultValueFactory = _ => 300,
        CustomParser = argument => Numbers.AtLeast(0)(argument) ?? 0,
    };
    private readonly Option<string?> _columns = LawCommandLine.Columns(),
        _where = LawCommandLine.Where(),
        _representations = LawCommandLine.Representations();
    private readonly Option<string> _output = new("--output", "-o") { Description = "The page: FILE.html.", Required = true };
    private readonly Option<string?> _plots = new("--plots") { Description = "Also write each plot as SVG into this folder." };
    private readonly Option<bool> _force = CommonOptions.Force();
    private readonly CommandEnvironment _environment;

    private ReportCommand(CommandEnvironment environment) => _environment = environment;

    public static Command Create(CommandEnvironment environment)
    {
        var self = new ReportCommand(environment);
        var command = new Command("report", "Fit a run table and write a page with the parameters and plots.")
        {
            self._runs,
            self._law,
            self._bootstrap,
            self._columns,
            self._where,
            self._representations,
            self._output,
            self._plots,
            self._force,
        };
        command.SetAction(LawCommandLine.Guard(environment, self.Run));
        return command;
    }

    private int Run(ParseResult parsed)
    {
        string file = parsed.GetRequiredValue(_output);
        bool force = parsed.GetValue(_force);
        OutputFile.RequireFree(file, force);
        var representations = new LawRepresentations(_environment, parsed.GetValue(_representations));
        IScalingLaw[] asked = parsed.GetValue(_law) is { } given ? [LawCommandLine.Create(given, [])] : [];
        RunTable table = LawCommandLine.Table(
            parsed.GetRequiredValue(_runs),
            parsed.GetValue(_columns),
            parsed.GetValue(_where),
            representations,
            asked
        );
        bool compressed = table.Runs.Any(run => !run.Input.Weights.IsDense || !run.Input.Activations.IsDense);
        string name = parsed.GetValue(_law) ?? (compressed ? "unified" : "chinchilla");
        IScalingLaw law = LawCommandLine.Create(name, table.Runs.Select(run => run.Input));
        FittedLaw fit = LawFit.Run(
            law,
            table.Runs,
            new FitOptions
            {
                HuberDelta = compressed ? 1e-4 : 1e-3,
                Bootstrap = parsed.GetValue(_bootstrap),
                Cancellation = _environment.Cancellation,
            }
        );
        (string Name, string Svg)[] plots = [.. LawPlots.All(fit)];
        LawCommandLine.Write(file, Page(table, fit, plots), force);
        if (parsed.GetValue(_plots) is { } folder)
        {
            Directory.CreateDirectory(folder);
            foreach ((string plot, string svg) in plots)
            {
                LawCommandLine.Write(Path.Combine(folder, plot + ".svg"), svg, force);
            }
        }
        return ExitCode.Ok;
    }

    private static string Page(RunTable table, FittedLaw fit, IEnumerable<(string Name, string Svg)> plots)
    {
        string rows = string.Concat(
            fit.Parameters.Select(p =>
                FormattableString.Invariant(
                    $"<tr><td>{SvgPlot.Text(p.Name)}</td><td>{p.Value:G6}</td><td>{p.Low:G5}</td><td>{p.High:G5}</td><td>{Words(p.Status)}</td></tr>\n"
                )
            )
        );
        string worst = string.Concat(
            fit.Runs.Zip(fit.Residuals)
                .OrderByDescending(r => Math.Abs(r.Second))
                .Take(5)
                .Select(r =>
                    FormattableString.Invariant(
                        $"<tr><td>{r.First.Line}</td><td>{AxisText.Count(r.First.Input.Params)}</td><td>{AxisText.Count(r.First.Input.Tokens)}</td><td>{SvgPlot.Text(LawPlots.Scheme(r.First.Input))}</td><td>{r.First.Loss:F4}</td><td>{fit.Predict(r.First.Input):F4}</td></tr>\n"
                    )
                )
        );
        string warning = fit.Converged ? "" : "<p><strong>The fit did not converge.</strong></p>\n";
        string bounds = fit.OnBound.Any()
            ? $"<p><strong>On a bound: {SvgPlot.Text(string.Join(", ", fit.OnBound.Select(p => p.Name)))}.</strong> The other parameters depend on it.</p>\n"
            : "";
        return FormattableString
            .Invariant(
                $$"""
                <!doctype html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <title>{{SvgPlot.Text(table.Source)}}: {{SvgPlot.Text(fit.Law.Name)}}</title>
                <style>body{font-family:sans-serif;max-width:60em;margin:2em auto;padding:0 1em}table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:.2em .6em;text-align:right}td:first-child,td:last-child{text-align:left}figure{margin:1.5em 0}svg{max-width:100%;height:auto}</style>
                </head>
                <body>
                <h1>{{SvgPlot.Text(table.Source)}}</h1>
                <p>{{SvgPlot.Text(fit.Law.Title)}}: <code>{{SvgPlot.Text(fit.Law.Formula)}}</code> ({{SvgPlot.Text(fit.Law.Citation)}}).</p>
                <p>{{fit.Runs.Count}} runs, {{fit.FreeParameters}} free parameters; objective {{fit.Objective:0.0000E-00}} (Huber δ {{fit.Options.HuberDelta:G3}}), rms residual of ln loss {{fit.Rmse:G3}}, largest {{fit.MaxAbsResidual:G3}}, R² {{fit.RSquared:F4}}, AIC {{fit.Aic:F1}}. Intervals: {{100
                    * fit.Options.Level:F0}} %, {{fit.Draws.Count}} resamples.</p>
                {{warning}}{{bounds}}{{Mixed(table, fit.Law)}}<h2>Parameters</h2>
                <table>
                <tr><th>parameter</th><th>value</th><th>low</th><th>high</th><th>status</th></tr>
                {{rows}}</table>
                <h2>Largest residuals</h2>
                <table>
                <tr><th>line</th><th>parameters</th><th>tokens</th><th>scheme</th><th>loss</th><th>predicted</th></tr>
                {{worst}}</table>
                <h2>Plots</h2>
                {{string.Join("\n", plots.Select(plot => $"<figure>{plot.Svg}</figure>"))}}
                </body>
                </html>

                """
            )
            .ReplaceLineEndings("\n");
    }

    private static string Words(ParameterStatus status) =>
        status switch
        {
            ParameterStatus.Held => "held",
            ParameterStatus.AtLowerBound => "on its lower bound",
            ParameterStatus.AtUpperBound => "on its upper bound",
            _ => "fitted",
        };

    /// <summary>A warning where several methods of training meet in one scheme and the law cannot tell them apart.</summary>
    private static string Mixed(RunTable table, IScalingLaw law)
    {
        string[] mixed =
            law is EffectiveMultiplierLaw
                ? []
                :
                [
                    .. table
                        .Runs.GroupBy(run => LawPlots.Scheme(run.Input))
                        .Select(scheme =>
                            (
                                scheme.Key,
                                Methods: scheme
                                    .Select(run => run.Input.Method)
                                    .Where(method => method.Length > 0)
                                    .Distinct()
                                    .Order(StringComparer.Ordinal)
                                    .ToArray()
                            )
                        )
                        .Where(scheme => scheme.Methods.Length > 1)
                        .Select(scheme => $"{scheme.Key} ({string.Join(", ", scheme.Methods)})"),
                ];
        return mixed.Length == 0
            ? ""
            : $"<p><strong>Several methods in one scheme:</strong> {SvgPlot.Text(string.Join("; ", mixed))}. This law does not tell methods apart; keep one with --where, or fit --law frantar-multiplier.</p>\n";
    }
}
