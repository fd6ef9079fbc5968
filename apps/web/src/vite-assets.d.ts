declare module '*?url' {
  const url: string
  // oxlint-disable-next-line import/no-default-export -- as Vite has it
  export default url
}
