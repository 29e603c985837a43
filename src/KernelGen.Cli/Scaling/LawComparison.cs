using KernelGen.Reports;
using KernelGen.Scaling;

namespace KernelGen.Cli.Scaling;

/// <summary>Several laws on the same runs, as a table.</summary>
internal static class LawComparison
{
    /// <summary>Fits each law to all runs and to all but the largest.</summary>
    public static DataTable Of(
        IReadOnlyList<string> names,
        LawOptions shape,
        RunTable table,
        FitOptions options,
        CommandEnvironment environment
    )
    {
        var result = new DataTable(
            new("law", "law"),
            new("parameters", "free"),
            new("objective", "objective", "0.0000E-00"),
            new("rmse_log", "rms", "0.00000"),
            new("aic", "AIC", "0.0"),
            new("bic", "BIC", "0.0"),
            new("extrapolation_rms", "largest out: rms", "0.0000"),
            new("extrapolation_max", "max", "0.0000"),
            new("unpredicted", "unknown")
        );
        environment.Progress.Run("compare", names.Count, report =>
        {
            for (int i = 0; i < names.Count; i++)
            {
                string name = names[i];
                ModelComparisonRow row = ModelComparison.Compare(
                    [(name, inputs => LawCommandLine.Create(name, inputs, shape))],
                    table.Runs,
                    options
                )[0];
                result.Add(
                    name,
                    row.Fit.FreeParameters,
                    row.Fit.Objective,
                    row.Fit.Rmse,
                    row.Fit.Aic,
                    row.Fit.Bic,
                    row.Extrapolation?.Rms,
                    row.Extrapolation?.Max,
                    row.Extrapolation?.Unpredicted
                );
                report(i + 1, name);
            }
        });
        return result;
    }
}
