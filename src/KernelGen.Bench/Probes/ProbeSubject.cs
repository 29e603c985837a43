using KernelGen.Scaling;

namespace KernelGen.Bench;

/// <summary>Something whose capacity is asked for: a declared format, or an expression that composes several.</summary>
internal sealed class ProbeSubject
{
    private readonly CompressedFormat? _format;
    private readonly Representation? _representation;

    private ProbeSubject(string name, CompressedFormat? format, Representation? representation)
    {
        Name = name;
        _format = format;
        _representation = representation;
    }

    /// <summary>The format's name, or the expression as it was typed, so that who asked finds his row.</summary>
    public string Name { get; }

    public string Family => _format?.Info.Family ?? _representation!.Family;

    /// <summary>Stored bits per weight of a large matrix.</summary>
    public double Bits => _format?.Info.BitsPerWeight ?? _representation!.Bits;

    /// <summary>Candidates that packing compares for one weight, about.</summary>
    public int CandidatesPerWeight => (_format ?? _representation!.Format)?.Info.CandidatesPerWeight ?? 1;

    /// <summary>Whether it is composed at run time, of parts whose capacities multiply.</summary>
    public bool IsComposed => _representation is not null;

    /// <summary>A declared format.</summary>
    public static ProbeSubject Of(CompressedFormat format) => new(format.Info.Name, format, null);

    /// <summary>Reads a name or an expression such as <c>sparse24+int4-g64 x e4m3</c>.</summary>
    /// <exception cref="FormatException">It is neither; the message names the nearest formats.</exception>
    public static ProbeSubject Parse(string text, FormatCatalog catalog)
    {
        if (catalog.TryGet(text, out CompressedFormat? format))
        {
            return Of(format);
        }
        try
        {
            return new(text, null, Representation.Parse(text, catalog));
        }
        catch (FormatException e)
        {
            // Who misspells a plain name need not hear of expressions.
            bool plain = text.IndexOfAny(['+', ' ', ':', '@', '%']) < 0;
            throw new FormatException(plain ? $"there is no format '{text}'. {catalog.Nearest(text)}" : e.Message);
        }
    }

    /// <summary>Measures it.</summary>
    public ProbeOutcome Measure(ProbeOptions options)
    {
        if (_format is not null)
        {
            CapacityResult result = CapacityProbe.Measure(_format, options);
            return new(this, result, result.Capacity, null, null);
        }
        RepresentationResult composed = _representation!.Measure(options);
        return new(this, composed.Weights, composed.CapacityDirect, composed.CapacityByProduct, composed.Activations?.Gmse);
    }
}
