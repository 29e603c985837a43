using System.Globalization;

namespace KernelGen.Models;

/// <summary>What a journal says of a chunk that is written.</summary>
/// <param name="Checksum">Checksum of its bytes.</param>
/// <param name="Loss">What packing it lost, so that a run that continues judges the whole tensor.</param>
internal readonly record struct DoneChunk(uint Checksum, PackingLoss Loss)
{
    /// <summary>Ends a line, so that one that was cut is known.</summary>
    private const string End = ".";

    /// <summary>Reads what <see cref="ToString"/> writes; null if it was cut or is something else.</summary>
    public static DoneChunk? Parse(IReadOnlyList<string> words)
    {
        if (
            words.Count is not (2 or 9)
            || words[^1] != End
            || words[0].Length != 8
            || !uint.TryParse(words[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint checksum)
        )
        {
            return null;
        }
        var numbers = new double[words.Count - 2];
        for (int i = 0; i < numbers.Length; i++)
        {
            if (!double.TryParse(words[i + 1], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i]))
            {
                return null;
            }
        }
        return numbers.Length == 0
            ? new(checksum, default)
            : new(
                checksum,
                new()
                {
                    Groups = (long)numbers[0],
                    Flushed = (long)numbers[1],
                    Saturated = (long)numbers[2],
                    Infinite = (long)numbers[3],
                    SquaredError = numbers[4],
                    Squares = numbers[5],
                    FlushedSquares = numbers[6],
                }
            );
    }

    /// <summary>As a journal has it.</summary>
    public override string ToString()
    {
        PackingLoss loss = Loss;
        string numbers =
            loss.Groups == 0
                ? ""
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $" {loss.Groups} {loss.Flushed} {loss.Saturated} {loss.Infinite} "
                        + $"{loss.SquaredError:R} {loss.Squares:R} {loss.FlushedSquares:R}"
                );
        return string.Create(CultureInfo.InvariantCulture, $"{Checksum:x8}{numbers} {End}");
    }
}
