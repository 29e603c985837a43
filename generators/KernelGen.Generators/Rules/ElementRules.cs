using KernelGen.Generators.Model;
using KernelGen.Generators.Plan;

namespace KernelGen.Generators.Rules;

/// <summary>An element by itself.</summary>
internal static class ElementRules
{
    public static IEnumerable<Violation> Check(FormatModel model) =>
        model.Element switch
        {
            IntElementModel integer => Integer(model, integer),
            FloatElementModel real => Float(real),
            CodebookElementModel codebook => Codebook(model, codebook),
            _ => [],
        };

    private static IEnumerable<Violation> Integer(FormatModel model, IntElementModel element)
    {
        bool symmetric = element.Levels == IntLevels.Symmetric;
        if (element.Bits is < 1 or > 8 || (symmetric && element.Bits == 1))
        {
            yield return new(
                Descriptors.IntBits,
                Fault.Nearest("IntElement", "bits", element.Bits, symmetric ? 2 : 1, 8),
                element.Bits,
                model.TypeName,
                symmetric ? "2 to 8 (symmetric levels need two bits; one bit is IntLevels.Midrise)" : "1 to 8"
            );
        }
        if (element.FractionBits is < 0 or > 30)
        {
            Fault nearest = Fault.Nearest("IntElement", "FractionBits", element.FractionBits, 0, 30);
            yield return new(Descriptors.FractionBits, nearest, element.FractionBits, model.TypeName);
        }
        if (element.Levels == IntLevels.Midrise && element.Ties != TieRule.Even)
        {
            yield return new(
                Descriptors.Ties,
                Fault.Remove("IntElement", "Ties"),
                element.Ties,
                "a mid-rise grid, whose boundaries are integers and belong to the level above",
                "the default"
            );
        }
    }

    private static IEnumerable<Violation> Float(FloatElementModel element)
    {
        bool wide = (element.Exponent, element.Mantissa) is (5, 10) or (8, 7) or (8, 23);
        bool legal = element.Exponent >= 1 && element.Mantissa >= 0 && element.Bits is >= 2 and <= 8;
        if (wide ? element.Specials != FloatSpecials.Ieee : !legal)
        {
            int exponent = Math.Min(Math.Max(element.Exponent, 1), 7);
            Fault shape = Fault
                .Nearest("FloatElement", "exponent", element.Exponent, exponent, exponent)
                .And(Fault.Nearest("FloatElement", "mantissa", element.Mantissa, 0, 7 - exponent));
            yield return new(
                Descriptors.FloatShape,
                wide ? Fault.Set("FloatElement", "Specials", FloatSpecials.Ieee) : shape,
                element.Exponent,
                element.Mantissa,
                1 + element.Exponent + element.Mantissa
            );
            yield break;
        }
        if (element.Ties == TieRule.Up || (wide && element.Ties != TieRule.Even))
        {
            yield return new(
                Descriptors.Ties,
                Fault.Remove("FloatElement", "Ties").When(wide),
                element.Ties,
                $"E{element.Exponent}M{element.Mantissa}",
                wide ? "Even" : "Even, TowardZero or AwayFromZero"
            );
        }
        int lowest = 1 - element.Bias - element.Mantissa,
            highest = (LevelTable.LargestCode(element) >> element.Mantissa) - element.Bias;
        string? wrong =
            LevelTable.LargestCode(element) < 1 ? "its special codes leave no number but zero; use FloatSpecials.None or one more bit"
            : !wide && (lowest < -126 || highest > 126) ? "keep it within 2^-126 to 2^126 by another bias"
            : wide && element.Bias != (1 << (element.Exponent - 1)) - 1 ? "this type has a fixed bias; remove Bias"
            : null;
        if (wrong is not null)
        {
            Fault bias = Fault.Nearest("FloatElement", "Bias", element.Bias, highest + element.Bias - 126, 127 - element.Mantissa);
            yield return new(
                Descriptors.FloatRange,
                wide ? Fault.Remove("FloatElement", "Bias") : bias,
                element.Exponent,
                element.Mantissa,
                element.Bias,
                lowest,
                highest,
                wrong
            );
        }
    }

    private static IEnumerable<Violation> Codebook(FormatModel model, CodebookElementModel element)
    {
        if (element.Values.Count is < 2 or > 256)
        {
            yield return new(Descriptors.CodebookSize, "Codebook", model.TypeName, element.Values.Count);
        }
        var seen = new Dictionary<float, int>();
        for (int i = 0; i < element.Values.Count; i++)
        {
            float value = element.Values[i];
            if (float.IsNaN(value) || float.IsInfinity(value))
            {
                yield return new(
                    Descriptors.CodebookNotFinite,
                    "Codebook",
                    i,
                    model.TypeName,
                    value.ToString(System.Globalization.CultureInfo.InvariantCulture)
                );
            }
            else if (seen.TryGetValue(value, out int first))
            {
                yield return new(
                    Descriptors.CodebookDuplicate,
                    Fault.Remove("Codebook", $"values[{i}]").When(element.Values.Count > 2),
                    first,
                    i,
                    model.TypeName,
                    value.ToString("R", System.Globalization.CultureInfo.InvariantCulture)
                );
            }
            else
            {
                seen.Add(value, i);
            }
        }
    }
}
