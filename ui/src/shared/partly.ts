/** For the ref of a checkbox of which only a part is on: MUI draws that, but does not set it. */
export const partly = (on: boolean | undefined) => (input: HTMLInputElement | null) => {
  if (input) input.indeterminate = !!on;
};
