using System.Globalization;

namespace KernelGen.Scaling;

/// <summary>
/// Reads representations from text:
/// <code>
/// expression = side [ " x " side ]                     weights x activations
/// side       = "dense" | mask | store | mask "+" store
/// mask       = N ":" M [ "pair" ] [ "@index" ]         2:4   4:8pair   2:4@index
///            | "sparse" N M [ "pair" ] [ "@index" ]    sparse24   sparse48pair
///            | "sparse" N "of" M [ "@index" ]          sparse4of8: by pairs; sparse4of8@index
///            | "sparse" PERCENT [ "%" ] [ "@tensor" ] [ "@entropy" ]   sparse50   sparse62.5%@tensor   sparse90@entropy
///            | ( "rows" | "columns" ) PERCENT [ "%" ]  rows50%   columns25%: whole ones of a matrix
/// store      = format [ "@token" | "@row" | "@tensor" ]
///            | "shared" RATIO                          shared4: so many weights share a value, by a hash of their place
/// </code>
/// <c>NofM</c> keeps neighbouring pairs together where both numbers are even and M is 8, as the one published use of the spelling does
/// (4:8 of QuEST, Panferov et al. 2025, arXiv:2502.05003), and is N:M otherwise. PERCENT is the share of zeros, of every row or with <c>@tensor</c> of the tensor. Two bare digits nm with n &lt; m and m = 2, 4 or 8 are the pattern n:m; <c>sparse24%</c> is
/// 24 % zeros. A name of the catalogue wins over every other reading. <c>fpB-NAME</c> is NAME where only that is in the
/// catalogue. <c>@token</c> (= <c>@row</c>) and <c>@tensor</c> put the format's levels under float32 absmax scales of that reach.
/// </summary>
public static class RepresentationParser
{
    private const string SharedStage = "shared";

    /// <summary>Reads an expression.</summary>
    /// <param name="text">The expression, without regard to case.</param>
    /// <param name="catalog">Where format names come from.</param>
    /// <exception cref="FormatException">The text is no representation; the message says where and names the nearest formats.</exception>
    public static Representation Parse(string text, FormatCatalog catalog)
    {
        string[] sides = text.Split([" x ", " X ", " × "], StringSplitOptions.None);
        if (sides.Length > 2)
        {
            throw new FormatException($"'{text}' has {sides.Length} sides: there are weights and at most one kind of activations.");
        }
        Representation weights = Side(sides[0].Trim(), text, catalog);
        if (sides.Length == 1)
        {
            return weights;
        }
        try
        {
            return weights.With(Side(sides[1].Trim(), text, catalog));
        }
        catch (InvalidOperationException e)
        {
            throw new FormatException($"'{text}': {e.Message}", e);
        }
    }

    private static Representation Side(string side, string text, FormatCatalog catalog)
    {
        Representation? result = null;
        foreach (string part in side.Split('+', StringSplitOptions.TrimEntries))
        {
            if (part.Length == 0)
            {
                throw new FormatException($"'{text}': a stage is missing. Write for instance 2:4+FORMAT x FORMAT.");
            }
            Representation stage = Stage(part, text, catalog);
            try
            {
                result = result is null ? stage : result.Then(stage);
            }
            catch (InvalidOperationException e)
            {
                throw new FormatException($"'{text}': {e.Message}", e);
            }
        }
        return result!;
    }

    private static Representation Stage(string stage, string text, FormatCatalog catalog)
    {
        if (catalog.TryGet(stage, out CompressedFormat? format))
        {
            return Representation.Of(format);
        }
        string lower = stage.ToLowerInvariant();
        if (lower == "dense")
        {
            return Representation.Dense;
        }
        string[] halves = lower.Split('@', 2);
        string? suffix = halves.Length == 2 ? halves[1] : null;
        try
        {
            if ((Mask(halves[0], suffix) ?? Structured(lower)) is { } mask)
            {
                return Representation.Sparse(mask);
            }
            if (lower.StartsWith(SharedStage, StringComparison.Ordinal) && Integer(lower[SharedStage.Length..]) is { } ratio)
            {
                return Representation.Shared(ratio);
            }
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new FormatException($"'{text}': {stage}: {e.Message.Split(" (Parameter", 2)[0]}", e);
        }
        format = Find(halves[0], stage, text, catalog);
        int? group = suffix switch
        {
            null => null,
            "token" or "row" => ScaleGroup.Row,
            "tensor" => ScaleGroup.Tensor,
            _ => throw new FormatException($"'{text}': after {halves[0]}@ stands token, row or tensor, not '{suffix}'."),
        };
        try
        {
            return group is { } reach ? Representation.Scaled(format.Info, reach) : Representation.Of(format);
        }
        catch (ArgumentException e)
        {
            throw new FormatException($"'{text}': {e.Message.Split(" (Parameter", 2)[0]}", e);
        }
    }

    /// <summary>A mask of whole rows or columns, or null if the text is none.</summary>
    private static StructuredSparsity? Structured(string stage)
    {
        string? axis = new[] { "rows", "columns" }.FirstOrDefault(name => stage.StartsWith(name, StringComparison.Ordinal));
        return axis is not null && Zeros(stage[axis.Length..]) is { } zeros ? new(1 - zeros / 100, axis == "columns") : null;
    }

    /// <summary>A share of zeros in percent, with or without its sign; null if the text is none.</summary>
    private static double? Zeros(string text)
    {
        string percent = text.EndsWith('%') ? text[..^1] : text;
        if (!double.TryParse(percent, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double zeros))
        {
            return null;
        }
        return zeros > 0 && zeros < 100
            ? zeros
            : throw new ArgumentOutOfRangeException(null, $"{percent} % zeros: the share must be above 0 and below 100.");
    }

    /// <summary>A mask, or null if the text is none.</summary>
    private static Sparsity? Mask(string body, string? suffix)
    {
        bool named = body.StartsWith("sparse", StringComparison.Ordinal);
        string rest = named ? body["sparse".Length..] : body;
        bool pairs = rest.EndsWith("pair", StringComparison.Ordinal);
        string numbers = pairs ? rest[..^4] : rest;
        string[] ratio = numbers.Split(':');
        if (named && !pairs && numbers.Split("of") is [var first, var second] && Integer(second) is { } block)
        {
            // 4 of 8 is the pattern of 4-bit sparse tensor cores, which keep or drop neighbouring pairs.
            ratio = [first, second];
            pairs = block == 8 && Integer(first) is { } n && n % 2 == 0;
        }
        if (
            named
            && ratio is [{ Length: 2 } digits]
            && char.IsAsciiDigit(digits[0])
            && digits[0] > '0'
            && digits[1] is '2' or '4' or '8'
            && digits[0] < digits[1]
        )
        {
            ratio = [digits[..1], digits[1..]];
        }
        if (ratio.Length == 2 && Integer(ratio[0]) is { } kept && Integer(ratio[1]) is { } of)
        {
            PositionCoding coding = suffix switch
            {
                null => PositionCoding.Combination,
                "index" => PositionCoding.Index,
                _ => throw new ArgumentOutOfRangeException(null, $"after the pattern {kept}:{of}@ stands index, not '{suffix}'."),
            };
            return new BlockSparsity(kept, of, pairs, coding);
        }
        if (!named || pairs || Zeros(rest) is not { } zeros)
        {
            return null;
        }
        bool wholeTensor = suffix is "tensor" || suffix?.StartsWith("tensor@", StringComparison.Ordinal) is true;
        MaskCoding mask = (wholeTensor ? suffix!["tensor".Length..].TrimStart('@') : suffix) switch
        {
            null or "" or "bitmap" => MaskCoding.Bitmap,
            "entropy" => MaskCoding.Entropy,
            _ => throw new ArgumentOutOfRangeException(
                null,
                $"after a share of zeros and @ comes tensor, bitmap or entropy, or tensor@ and one of the others, not '{suffix}'."
            ),
        };
        return new UnstructuredSparsity(1 - zeros / 100, mask, wholeTensor);
    }

    private static int? Integer(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;

    private static CompressedFormat Find(string name, string stage, string text, FormatCatalog catalog)
    {
        if (catalog.TryGet(name, out CompressedFormat? format))
        {
            return format;
        }
        int dash = name.IndexOf('-', StringComparison.Ordinal);
        if (
            dash > 2
            && name.StartsWith("fp", StringComparison.Ordinal)
            && Integer(name[2..dash]) is not null
            && catalog.TryGet(name[(dash + 1)..], out format)
        )
        {
            return format;
        }
        throw new FormatException($"'{text}': '{stage}' is neither a format nor a mask such as 2:4 or sparse50. {catalog.Nearest(name)}");
    }
}
