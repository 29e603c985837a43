using System.Globalization;
using KernelGen.Bench;
using KernelGen.Scaling;

namespace KernelGen.Cli.Scaling;

/// <summary>
/// Turns names in run tables and on the command line into what laws need: bits, Gaussian MSE and family. Names and expressions are
/// probed once each, with a fixed seed, so that a fit and a later prediction agree; a file of measured points wins over the probe.
/// </summary>
internal sealed class LawRepresentations
{
    private const long Samples = 1 << 21;

    /// <summary>At 16 bits and so small an error a representation is dense: its capacity is 1 by definition, not by a fit.</summary>
    private const double DenseGmse = 1e-4;

    private static readonly string[] DenseNames = ["dense", "none", "fp32", "fp16"];

    private readonly CommandEnvironment _environment;
    private readonly ValueSource _source;
    private readonly Dictionary<string, RepresentationPoint> _given = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, RepresentationPoint?> _found = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A resolver.</summary>
    /// <param name="environment">Formats and cancellation.</param>
    /// <param name="file">CSV with name, bits, gmse, family; null for none.</param>
    /// <param name="source">Values whose error stands for the representation; Gaussian if not given.</param>
    public LawRepresentations(CommandEnvironment environment, string? file, ValueSource? source = null)
    {
        _environment = environment;
        _source = source ?? ValueSource.Gaussian;
        if (file is not null)
        {
            Read(file);
        }
    }

    /// <summary>Names for suggestions.</summary>
    public IReadOnlyList<string> KnownNames =>
        [.. DenseNames, .. _given.Keys, .. _environment.Catalog.All.Select(format => format.Info.Name)];

    /// <summary>What is known of a name; null if nothing is.</summary>
    public RepresentationPoint? Resolve(string name)
    {
        if (_given.TryGetValue(name, out RepresentationPoint? given))
        {
            return given;
        }
        if (DenseNames.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            return RepresentationPoint.Dense with { Name = name };
        }
        if (!_found.TryGetValue(name, out RepresentationPoint? found))
        {
            _found[name] = found = Probe(name);
        }
        return found;
    }

    /// <summary>What is known of a name on the command line.</summary>
    /// <exception cref="UsageException">Nothing is; the message names the nearest.</exception>
    public RepresentationPoint Require(string name) =>
        Resolve(name) ?? throw new UsageException($"'{name}' is no representation that is known. {NearestName.Sentence(name, KnownNames)}");

    /// <summary>Weights and activations of <c>int4</c> or <c>int4 x e4m3</c>.</summary>
    public (RepresentationPoint Weights, RepresentationPoint? Activations) Pair(string expression)
    {
        string[] sides = expression.Split([" x ", " × "], 2, StringSplitOptions.TrimEntries);
        return (Require(sides[0]), sides.Length > 1 ? Require(sides[1]) : null);
    }

    private RepresentationPoint? Probe(string name)
    {
        ProbeSubject subject;
        try
        {
            subject = ProbeSubject.Parse(name, _environment.Catalog);
        }
        catch (FormatException)
        {
            return null;
        }
        var options = new ProbeOptions
        {
            Samples = Samples,
            Source = _source,
            Cancellation = _environment.Cancellation,
        };
        CapacityResult result = subject.Measure(options).Weights;
        double gmse = result.ExactGmse ?? result.Gmse;
        return result.Bits >= RepresentationPoint.DenseBits && gmse < DenseGmse
            ? RepresentationPoint.Dense with
            {
                Name = name,
                Bits = result.Bits,
            }
            : new(name, result.Bits, gmse, subject.Family);
    }

    private void Read(string file)
    {
        string source = Path.GetFileName(file);
        string[] wanted = ["name", "bits", "gmse", "family"];
        int line = 0;
        int[]? order = null;
        foreach (string text in File.ReadLines(file))
        {
            line++;
            string[] cells = text.Split(',', StringSplitOptions.TrimEntries);
            if (order is null)
            {
                order = [.. wanted.Select(name => Array.FindIndex(cells, cell => cell.Equals(name, StringComparison.OrdinalIgnoreCase)))];
                int missing = Array.IndexOf(order, -1);
                if (missing >= 0)
                {
                    throw new RunTableException(
                        source,
                        line,
                        wanted[missing],
                        "there is no such column; a file of representations has name, bits, gmse, family."
                    );
                }
                continue;
            }
            if (text.Length == 0)
            {
                continue;
            }
            double Number(int column, double most)
            {
                string cell = order[column] < cells.Length ? cells[order[column]] : "";
                return
                    double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= 0 && value <= most
                    ? value
                    : throw new RunTableException(
                        source,
                        line,
                        wanted[column],
                        $"'{cell}' is not between 0 and {most.ToString(CultureInfo.InvariantCulture)}."
                    );
            }
            double bits = Number(1, 64),
                gmse = Number(2, 1);
            string Text(int column) =>
                order[column] < cells.Length && cells[order[column]].Length > 0
                    ? cells[order[column]]
                    : throw new RunTableException(source, line, wanted[column], "the cell is empty.");
            _given[Text(0)] = new(Text(0), bits, gmse, Text(3));
        }
    }
}
