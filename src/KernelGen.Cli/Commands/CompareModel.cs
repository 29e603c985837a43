using KernelGen.Cli.Output;
using KernelGen.Models;
using KernelGen.Reports;

namespace KernelGen.Cli.Commands;

/// <summary><c>kernelgen compare --model</c>: what each format does to each tensor of a model, and to all together.</summary>
internal sealed class CompareModel(CommandEnvironment environment)
{
    /// <summary>What stands for all tensors together.</summary>
    private const string Whole = "*";

    public int Run(
        string path,
        IReadOnlyList<CompressedFormat> formats,
        string? importancePath,
        long? samples,
        int threads,
        bool summary,
        Action<DataTable, IReadOnlyList<FrontierPoint>> write
    )
    {
        using ModelFile model = ModelFile.Open(path, environment.Catalog);
        ImportanceFile? importance = importancePath is null ? null : ImportanceFile.Read(importancePath, environment.Catalog);
        ModelTensor[] tensors = [.. TensorSample.Candidates(model)];
        if (tensors.Length == 0)
        {
            throw new ModelFormatException(
                path,
                $"it has no tensor of two or more dimensions and {QuantizationRules.FewestValues} or more values to compare formats on."
            );
        }
        List<FormatErrors> measured = new TensorMeasuring(environment).Measure(
            tensors,
            formats,
            importance,
            samples ?? long.MaxValue,
            threads,
            "compare"
        );
        DataTable table = Table(importance is not null);
        if (!summary)
        {
            foreach (
                FormatErrors row in measured
                    .OrderBy(row => Array.IndexOf(tensors, row.Tensor))
                    .ThenBy(row => row.BitsPerWeight)
                    .ThenBy(row => row.Errors.RelativeError)
            )
            {
                Add(
                    table,
                    row.Tensor.Name,
                    row.Tensor.ShapeText,
                    row.Format,
                    row.Bytes,
                    row.Tensor.Count,
                    row.Errors,
                    row.Errors.RelativeError,
                    importance is not null
                );
            }
        }
        List<FrontierPoint> points = [];
        foreach (
            IGrouping<CompressedFormat, FormatErrors> group in measured
                .GroupBy(row => row.Format)
                .OrderBy(Bits)
                .ThenBy(group => group.Average(row => row.Errors.RelativeError))
        )
        {
            if (group.Count() < tensors.Length)
            {
                environment.Note($"{group.Key}: {tensors.Length - group.Count()} of {tensors.Length} tensors are too large for it.");
            }
            ValueErrors sum = group.Select(row => row.Errors).Aggregate((a, b) => a + b);
            // Weighted by size and not by magnitude: a tensor of large numbers is no more important than one of small ones.
            double mean = group.Sum(row => row.Errors.RelativeError * row.Tensor.Count) / group.Sum(row => (double)row.Tensor.Count);
            points.Add(new(group.Key.Info.Name, group.Key.Info.Family, Bits(group), mean));
            Add(
                table,
                Whole,
                null,
                group.Key,
                group.Sum(row => row.Bytes),
                group.Sum(row => row.Tensor.Count),
                sum,
                mean,
                importance is not null
            );
        }
        write(table, points);
        return ExitCode.Ok;

        static double Bits(IEnumerable<FormatErrors> rows) =>
            rows.Sum(row => (double)row.Bytes) / rows.Sum(row => (double)row.Tensor.Count);
    }

    private static DataTable Table(bool weighted)
    {
        Column[] extra = weighted ? [new("weighted_mse", "weighted MSE"), new("weighted_cosine", "weighted cosine", "0.000000")] : [];
        return new([
            new("tensor", "tensor"),
            new("shape", "shape"),
            new("format", "format"),
            new("bits_per_weight", "bits", "0.00##"),
            new("bytes", "bytes"),
            new("mse", "relative MSE", "G4"),
            new("mean_mse", "mean over tensors", "G4"),
            new("cosine", "cosine", "0.000000"),
            new("max_error", "max |error|", "G4"),
            .. extra,
            new("outliers", "beyond 4σ", "0.000%"),
            new("outlier_error", "of the error", "0.0%"),
        ]);
    }

    private static void Add(
        DataTable table,
        string tensor,
        string? shape,
        CompressedFormat format,
        long bytes,
        long count,
        in ValueErrors errors,
        double mean,
        bool weighted
    )
    {
        object?[] extra = weighted ? [errors.WeightedRelativeError, errors.WeightedCosine] : [];
        table.Add([
            tensor,
            shape,
            format.Info.Name,
            8.0 * bytes / count,
            bytes,
            errors.RelativeError,
            mean,
            errors.Cosine,
            errors.Largest,
            .. extra,
            errors.OutlierShare,
            errors.OutlierErrorShare,
        ]);
    }
}
