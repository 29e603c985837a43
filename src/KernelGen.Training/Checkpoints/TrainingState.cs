using System.Globalization;
using System.Runtime.InteropServices;
using KernelGen.Models;

namespace KernelGen.Training;

/// <summary>
/// A run in the middle as a safetensors file: parameters, moments of the optimiser and masks that change, to the last bit. A run that is
/// taken up again ends with the same bits as one that was never interrupted.
/// </summary>
internal static class TrainingState
{
    private const string StepsKey = "kernelgen.training.steps",
        CurveKey = "kernelgen.training.curve";

    /// <summary>Writes a state; an existing file is replaced when the new one is complete.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="spec">The run.</param>
    /// <param name="session">The model between two steps.</param>
    /// <param name="curve">The losses so far.</param>
    public static void Write(string path, TrainingSpec spec, TrainingSession session, LossCurve curve)
    {
        IEnumerable<SafetensorsEntry> entries =
        [
            .. session.State.Select(one => Entry(one.Name, SafetensorsDtype.F32, one.Values)),
            .. session.Masks.Select(one => Entry(Mask(one.Number), SafetensorsDtype.Bool, one.Kept)),
        ];
        var metadata = new Dictionary<string, string>
        {
            [Checkpoint.RunKey] = spec.Key,
            [StepsKey] = session.StepsTaken.ToString(CultureInfo.InvariantCulture),
            [CurveKey] = curve.Write(),
        };
        SafetensorsWriter.Write(path, entries, metadata, overwrite: true);
    }

    /// <summary>Takes a run up where a state left it.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="spec">The run.</param>
    /// <param name="session">A model before its first step.</param>
    /// <param name="curve">Receives the losses so far.</param>
    /// <exception cref="ArgumentException">The file is the state of another run, which the message names, or no state.</exception>
    /// <exception cref="ModelFormatException">The file is malformed.</exception>
    public static void Read(string path, TrainingSpec spec, TrainingSession session, LossCurve curve)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        IReadOnlyDictionary<string, string> metadata = file.Header.Metadata;
        string run = metadata.GetValueOrDefault(Checkpoint.RunKey, "");
        if (
            !metadata.TryGetValue(CurveKey, out string? losses)
            || !long.TryParse(metadata.GetValueOrDefault(StepsKey), NumberStyles.None, CultureInfo.InvariantCulture, out long steps)
        )
        {
            throw new ArgumentException($"'{path}' is not the state of a run: it has no number of steps and no curve.", nameof(path));
        }
        if (run != spec.Key)
        {
            throw new ArgumentException($"'{path}' is the state of another run: {run}. This one is {spec.Key}.", nameof(path));
        }
        foreach ((string name, float[] values) in session.State)
        {
            file.ReadBytes(file[name], 0, MemoryMarshal.AsBytes(values.AsSpan()));
        }
        foreach ((int number, bool[] kept) in session.Masks)
        {
            file.ReadBytes(file[Mask(number)], 0, MemoryMarshal.AsBytes(kept.AsSpan()));
        }
        curve.Read(losses);
        session.Resume(steps);
    }

    private static string Mask(int number) => string.Create(CultureInfo.InvariantCulture, $"mask.{number}");

    private static SafetensorsEntry Entry<T>(string name, SafetensorsDtype type, T[] values)
        where T : struct => new(name, type, [values.Length], stream => stream.Write(MemoryMarshal.AsBytes(values.AsSpan())));
}
