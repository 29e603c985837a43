using System.Globalization;

namespace KernelGen.Training;

/// <summary>
/// How a learning rate goes. All schedules rise in a line over the first tenth of the steps. <c>cosine</c> then falls as half a cosine to
/// zero; <c>constant</c> stays; <c>wsd</c> (warm-up, stable, decay: Hu et al. 2024, arXiv 2404.06395) stays, and falls over a last share
/// of the steps as 1 − √t, the shape that did best of those that Hägele et al. 2024 (arXiv 2405.18392) tried.
/// </summary>
internal sealed record RateSchedule
{
    private const double WarmUp = 0.1,
        UsualCooldown = 0.2;

    private const string Cosine = "cosine",
        Constant = "constant",
        Wsd = "wsd",
        CooldownName = "cooldown";

    private RateSchedule(string kind, double cooldown) => (Kind, Cooldown) = (kind, cooldown);

    private string Kind { get; }

    /// <summary>Share of the steps over which the rate of <c>wsd</c> falls; 0 for the others.</summary>
    public double Cooldown { get; }

    /// <summary>The canonical text.</summary>
    public string Name => Kind == Wsd ? string.Create(CultureInfo.InvariantCulture, $"{Wsd}:{CooldownName}={Cooldown:R}") : Kind;

    /// <summary>Reads a schedule.</summary>
    /// <param name="text"><c>cosine</c>, <c>constant</c>, <c>wsd</c>, <c>wsd:0.2</c> or <c>wsd:cooldown=0.2</c>.</param>
    /// <exception cref="ArgumentException">It is none; the message names what is wrong and what would be right.</exception>
    public static RateSchedule Parse(string text)
    {
        string[] halves = text.Split(':', 2, StringSplitOptions.TrimEntries);
        string kind = halves[0].ToLowerInvariant();
        if (kind is not (Cosine or Constant or Wsd))
        {
            throw Wrong($"Schedule '{halves[0]}' is none. {NearestName.Sentence(halves[0], [Cosine, Constant, Wsd])}");
        }
        if (halves.Length == 1)
        {
            return new(kind, kind == Wsd ? UsualCooldown : 0);
        }
        string[] pair = halves[1].Split('=', 2, StringSplitOptions.TrimEntries);
        if (kind != Wsd || (pair.Length == 2 && pair[0] != CooldownName))
        {
            throw Wrong($"Schedule {kind} takes {(kind == Wsd ? CooldownName : "no numbers")}, not '{halves[1]}'.");
        }
        return
            double.TryParse(pair[^1], NumberStyles.Float, CultureInfo.InvariantCulture, out double cooldown)
            && cooldown > 0
            && cooldown <= 1 - WarmUp
            ? new(kind, cooldown)
            : throw Wrong(
                $"Schedule {Wsd}: {CooldownName} is '{pair[^1]}'; it must be a share of the steps above 0, at most {1 - WarmUp}."
            );
    }

    /// <summary>The rate of a step.</summary>
    /// <param name="largest">Largest rate.</param>
    /// <param name="step">Number of the step, from 0.</param>
    /// <param name="steps">Number of steps of the schedule.</param>
    public double Rate(double largest, long step, long steps)
    {
        double warm = Math.Max(1, Math.Round(WarmUp * steps)),
            cool = Math.Round((1 - Cooldown) * steps);
        if (step < warm)
        {
            return largest * (step + 1) / warm;
        }
        return Kind switch
        {
            Cosine => 0.5 * largest * (1 + Math.Cos(Math.PI * (step - warm) / Math.Max(1, steps - warm))),
            Wsd when step >= cool => largest * (1 - Math.Sqrt((step - cool) / Math.Max(1, steps - cool))),
            _ => largest,
        };
    }

    private static ArgumentException Wrong(FormattableString message) =>
        new(FormattableString.Invariant(message), nameof(TrainingSpec.Schedule));
}
