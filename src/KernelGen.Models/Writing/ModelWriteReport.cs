namespace KernelGen.Models;

/// <summary>What writing a model took. Times are those of all threads together, what they waited for the system included.</summary>
/// <param name="Reused">Bytes of the source whose results an interrupted run had left.</param>
/// <param name="Reading">Reading the source.</param>
/// <param name="Packing">Decoding what was read and packing it.</param>
/// <param name="Writing">Writing the file, with checksums and journal.</param>
/// <param name="Flushing">Waiting at the end until all of the file is on the disk.</param>
/// <param name="Losses">Tensors of which more was lost than rounding, see <see cref="PackingLoss"/>; of what an interrupted run had
/// left nothing is known.</param>
public sealed record ModelWriteReport(
    long Reused,
    TimeSpan Reading,
    TimeSpan Packing,
    TimeSpan Writing,
    TimeSpan Flushing,
    IReadOnlyList<TensorLoss> Losses
);
